// The product of lib/tile.wgsl for numbers in 8 bits, in blocks of 32:
//
//   store4(row, column, Σ_b scales · Σ_k∈b left[row, k] · right[column, k])
//
// One workgroup makes a BM × BN tile of the result, BB blocks of depth at a time;
// one invocation makes TM × TN of it in registers, where a block's sum is one of
// whole numbers before it is scaled into that of floats. The kernel supplies quads
// (half a block, zero past the end), their scales, `dots` and store4.
//
// Tiles lie in workgroup memory as they lie in storage, half a block to a vec4. Each
// row has one vec4 of padding, so that neighbouring rows fall on other banks, and
// columns are interleaved as in lib/tile.wgsl.

const BM: u32 = 64;
const BN: u32 = 64;
const BB: u32 = 1;
const TM: u32 = 4;
const TN: u32 = 4;

const TX = BN / TN;
const TY = BM / TM;
const THREADS = TX * TY;
const QUADS = 2 * BB;
const STRIDE = QUADS + 1;

var<workgroup> left_tile: array<vec4u, BM * STRIDE>;
var<workgroup> right_tile: array<vec4u, BN * STRIDE>;
var<workgroup> left_scale_tile: array<f32, BM * BB>;
var<workgroup> right_scale_tile: array<f32, BN * BB>;

fn place(column: u32) -> u32 {
  return (column % TN) * TX + column / TN;
}

fn tile_product(row0: u32, column0: u32, blocks: u32, lane: u32) {
  let tx = lane % TX;
  let ty = lane / TX;

  var sums: array<vec4f, TM * TN / 4>; // unroll
  for (var block0 = 0u; block0 < blocks; block0 += BB) {
    for (var at = lane; at < BM * QUADS; at += THREADS) {
      left_tile[(at / QUADS) * STRIDE + at % QUADS] = left_quad(row0 + at / QUADS, 2 * block0 + at % QUADS);
    }
    for (var at = lane; at < BN * QUADS; at += THREADS) {
      let column = at / QUADS;
      right_tile[place(column) * STRIDE + at % QUADS] = right_quad(column0 + column, 2 * block0 + at % QUADS);
    }
    for (var at = lane; at < BM * BB; at += THREADS) {
      left_scale_tile[(at % BB) * BM + at / BB] = left_scale(row0 + at / BB, block0 + at % BB);
    }
    for (var at = lane; at < BN * BB; at += THREADS) {
      right_scale_tile[(at % BB) * BN + place(at / BB)] = right_scale(column0 + at / BB, block0 + at % BB);
    }
    workgroupBarrier();

    for (var b = 0u; b < BB; b++) {
      var wholes: array<vec4i, TM * TN / 4>; // unroll
      for (var i = 0u; i < TM * TN / 4; i++) { // unroll
        wholes[i] = vec4i();
      }
      for (var half = 0u; half < 2; half++) {
        var rights: array<vec4u, TN>; // unroll
        for (var j = 0u; j < TN; j++) { // unroll
          rights[j] = right_tile[(j * TX + tx) * STRIDE + 2 * b + half];
        }
        for (var i = 0u; i < TM; i++) { // unroll
          let left = left_tile[(i * TY + ty) * STRIDE + 2 * b + half];
          for (var j = 0u; j < TN / 4; j++) { // unroll
            wholes[i * (TN / 4) + j] = dots(
              wholes[i * (TN / 4) + j], left, rights[4 * j], rights[4 * j + 1], rights[4 * j + 2], rights[4 * j + 3],
            );
          }
        }
      }
      for (var j = 0u; j < TN / 4; j++) { // unroll
        let at = b * BN + 4 * j * TX + tx;
        let scales = vec4f(
          right_scale_tile[at], right_scale_tile[at + TX], right_scale_tile[at + 2 * TX], right_scale_tile[at + 3 * TX],
        );
        for (var i = 0u; i < TM; i++) { // unroll
          let scaled = left_scale_tile[b * BM + i * TY + ty] * scales;
          sums[i * (TN / 4) + j] = fma(vec4f(wholes[i * (TN / 4) + j]), scaled, sums[i * (TN / 4) + j]);
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) { // unroll
    for (var j = 0u; j < TN / 4; j++) { // unroll
      store4(row0 + i * TY + ty, column0 + tx * TN + 4 * j, sums[i * (TN / 4) + j]);
    }
  }
}
