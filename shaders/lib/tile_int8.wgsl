// The product of lib/tile.wgsl for numbers in 8 bits, in blocks of 32:
//
//   store4(row, column, Σ_b scales · Σ_k∈b left[row, k] · right[column, k])
//
// One workgroup makes a BM × BN tile of the result, a block of depth at a time; one
// invocation makes TM × TN of it in registers, where a block's sum is one of whole
// numbers before it is scaled into that of floats. The kernel supplies scales of the
// left, where blocks of the weight begin, `dots` and store4.
//
// Tiles lie in workgroup memory turned round and the next round is on its way, as in
// lib/tile.wgsl; what is a number there is a word of four here.

@group(0) @binding(1) var<storage, read> left: array<vec4u>; // (rows, depth / 16)

const BM: u32 = 64;
const BN: u32 = 64;
const TM: u32 = 4;
const TN: u32 = 8;
const STEPS: u32 = 8; // words of a block that are written out; the rest is a loop

const TX = BN / TN;
const TY = BM / TM;
const THREADS = TX * TY;
const TM4 = TM / 4;
const TN4 = TN / 4;
const WORDS = 8; // of a block, in two quads
const LEFTS = BM * 2 / THREADS;
const RIGHTS = BN * 2 / THREADS;
const SCALES = (BM + BN + THREADS - 1) / THREADS;
const LEFT_STRIDE = BM + 4;
const RIGHT_STRIDE = BN + 4;

var<workgroup> left_tile: array<u32, WORDS * LEFT_STRIDE>;
var<workgroup> right_tile: array<u32, WORDS * RIGHT_STRIDE>;
var<workgroup> scale_tile: array<f32, BM + BN>;

// Half a block of each operand; past the end of depth anything, for nobody multiplies it.
fn left_quad(row: u32, quad: u32) -> vec4u {
  return left[min(row, params.rows - 1) * (params.depth4 / 4) + quad];
}

fn right_quad(column: u32, quad: u32) -> vec4u {
  let byte = right_byte(column, quad / 2) + 2 + (quad % 2) * 16;
  let at = byte / 4;
  let words = vec4u(weight[at], weight[at + 1], weight[at + 2], weight[at + 3]);
  if (byte % 4 == 0) { return words; }
  return (words >> vec4u(16)) | (vec4u(words.yzw, weight[at + 4]) << vec4u(16));
}

// Those of the tile's rows, then those of its columns.
fn scale_at(at: u32, row0: u32, column0: u32, block: u32) -> f32 {
  if (at < BM) { return left_scale(row0 + at, block); }
  return half_at(right_byte(column0 + at - BM, block));
}

fn tile_product(row0: u32, column0: u32, blocks: u32, invocation: u32) {
  // As in lib/tile.wgsl: only so does the compiler see that no index leaves workgroup memory.
  let lane = invocation % THREADS;
  let tx = lane % TX;
  let ty = lane / TX;

  var next_left: array<vec4u, LEFTS>; // unroll
  for (var i = 0u; i < LEFTS; i++) { // unroll
    next_left[i] = left_quad(row0 + (lane + i * THREADS) / 2, lane % 2);
  }
  var next_right: array<vec4u, RIGHTS>; // unroll
  for (var i = 0u; i < RIGHTS; i++) { // unroll
    next_right[i] = right_quad(column0 + (lane + i * THREADS) / 2, lane % 2);
  }
  var next_scale: array<f32, SCALES>; // unroll
  for (var i = 0u; i < SCALES; i++) { // unroll
    next_scale[i] = scale_at((lane + i * THREADS) % (BM + BN), row0, column0, 0);
  }

  var sums: array<vec4f, TM * TN4>; // unroll
  for (var block = 0u; block < blocks; block++) {
    for (var i = 0u; i < LEFTS; i++) { // unroll
      let to = (lane % 2) * 4 * LEFT_STRIDE + (lane + i * THREADS) / 2;
      left_tile[to] = next_left[i].x;
      left_tile[to + LEFT_STRIDE] = next_left[i].y;
      left_tile[to + 2 * LEFT_STRIDE] = next_left[i].z;
      left_tile[to + 3 * LEFT_STRIDE] = next_left[i].w;
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      let to = (lane % 2) * 4 * RIGHT_STRIDE + (lane + i * THREADS) / 2;
      right_tile[to] = next_right[i].x;
      right_tile[to + RIGHT_STRIDE] = next_right[i].y;
      right_tile[to + 2 * RIGHT_STRIDE] = next_right[i].z;
      right_tile[to + 3 * RIGHT_STRIDE] = next_right[i].w;
    }
    for (var i = 0u; i < SCALES; i++) { // unroll
      scale_tile[(lane + i * THREADS) % (BM + BN)] = next_scale[i];
    }
    workgroupBarrier();

    for (var i = 0u; i < LEFTS; i++) { // unroll
      next_left[i] = left_quad(row0 + (lane + i * THREADS) / 2, 2 * block + 2 + lane % 2);
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      next_right[i] = right_quad(column0 + (lane + i * THREADS) / 2, 2 * block + 2 + lane % 2);
    }
    for (var i = 0u; i < SCALES; i++) { // unroll
      next_scale[i] = scale_at((lane + i * THREADS) % (BM + BN), row0, column0, block + 1);
    }

    var wholes: array<vec4i, TM * TN4>; // unroll
    for (var i = 0u; i < TM * TN4; i++) { // unroll
      wholes[i] = vec4i();
    }
    for (var run = 0u; run < WORDS / STEPS; run++) {
      for (var step = 0u; step < STEPS; step++) { // unroll
        let l = (run * STEPS + step) * LEFT_STRIDE + ty * 4;
        let r = (run * STEPS + step) * RIGHT_STRIDE + tx * 4;
        var lefts: array<vec4u, TM4>; // unroll, set once
        for (var i = 0u; i < TM4; i++) { // unroll
          lefts[i] = vec4u(left_tile[l + i * TY * 4], left_tile[l + i * TY * 4 + 1], left_tile[l + i * TY * 4 + 2], left_tile[l + i * TY * 4 + 3]);
        }
        var rights: array<vec4u, TN4>; // unroll, set once
        for (var j = 0u; j < TN4; j++) { // unroll
          rights[j] = vec4u(right_tile[r + j * TX * 4], right_tile[r + j * TX * 4 + 1], right_tile[r + j * TX * 4 + 2], right_tile[r + j * TX * 4 + 3]);
        }
        for (var i = 0u; i < TM4; i++) { // unroll
          for (var j = 0u; j < TN4; j++) { // unroll
            wholes[(4 * i + 0) * TN4 + j] += dots(lefts[i].x, rights[j]);
            wholes[(4 * i + 1) * TN4 + j] += dots(lefts[i].y, rights[j]);
            wholes[(4 * i + 2) * TN4 + j] += dots(lefts[i].z, rights[j]);
            wholes[(4 * i + 3) * TN4 + j] += dots(lefts[i].w, rights[j]);
          }
        }
      }
    }

    for (var j = 0u; j < TN4; j++) { // unroll
      let at = BM + (j * TX + tx) * 4;
      let scales = vec4f(scale_tile[at], scale_tile[at + 1], scale_tile[at + 2], scale_tile[at + 3]);
      for (var i = 0u; i < TM4; i++) { // unroll
        for (var c = 0u; c < 4; c++) { // unroll
          let scaled = scale_tile[(i * TY + ty) * 4 + c] * scales;
          sums[(4 * i + c) * TN4 + j] = fma(vec4f(wholes[(4 * i + c) * TN4 + j]), scaled, sums[(4 * i + c) * TN4 + j]);
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM4; i++) { // unroll
    for (var c = 0u; c < 4; c++) { // unroll
      for (var j = 0u; j < TN4; j++) { // unroll
        store4(row0 + (i * TY + ty) * 4 + c, column0 + (j * TX + tx) * 4, sums[(4 * i + c) * TN4 + j]);
      }
    }
  }
}
