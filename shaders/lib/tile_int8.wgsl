// The product of lib/tile.wgsl for numbers in 8 bits, in blocks of 32:
//
//   store4(row, column, Σ_b scales · Σ_k∈b left[row, k] · right[column, k])
//
// One workgroup makes a BM × BN tile of the result, BB blocks of depth at a time;
// one invocation makes TM × TN of it in registers, where a block's sum is one of
// whole numbers before it is scaled into that of floats. The kernel supplies scales,
// where blocks of the weight begin, and store4.
//
// Tiles lie in workgroup memory as they lie in storage, half a block to a vec4. Each
// row has one vec4 of padding, so that neighbouring rows fall on other banks, and
// columns are interleaved as in lib/tile.wgsl.

@group(0) @binding(1) var<storage, read> left: array<vec4u>; // (rows, depth / 16)

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

// Half a block of each operand; past the end of depth anything, for nobody reads it.
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

// sums + left · each of four columns: half a block of them.
fn quad_dots(sums: vec4i, left: vec4u, a: vec4u, b: vec4u, c: vec4u, d: vec4u) -> vec4i {
  return vec4i(dot16(sums.x, left, a), dot16(sums.y, left, b), dot16(sums.z, left, c), dot16(sums.w, left, d));
}

fn dot16(sum: i32, a: vec4u, b: vec4u) -> i32 {
  return sum + dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

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
      right_scale_tile[(at % BB) * BN + place(at / BB)] = half_at(right_byte(column0 + at / BB, block0 + at % BB));
    }
    workgroupBarrier();

    for (var b = 0u; b < min(BB, blocks - block0); b++) {
      var wholes: array<vec4i, TM * TN / 4>; // unroll
      for (var i = 0u; i < TM * TN / 4; i++) { // unroll
        wholes[i] = vec4i();
      }
      for (var quad = 2 * b; quad < 2 * b + 2; quad++) {
        var rights: array<vec4u, TN>; // unroll
        for (var j = 0u; j < TN; j++) { // unroll
          rights[j] = right_tile[(j * TX + tx) * STRIDE + quad];
        }
        for (var i = 0u; i < TM; i++) { // unroll
          let row = left_tile[(i * TY + ty) * STRIDE + quad];
          for (var j = 0u; j < TN / 4; j++) { // unroll
            wholes[i * (TN / 4) + j] = quad_dots(
              wholes[i * (TN / 4) + j], row, rights[4 * j], rights[4 * j + 1], rights[4 * j + 2], rights[4 * j + 3],
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
