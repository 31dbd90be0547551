// The tiled product both matmul and conv are made of:
//
//   store4(row, column, Σ_k left4(row, k) · right4(column, k))
//
// One workgroup makes a BM × BN tile of the result, BK steps of depth at a time;
// one invocation makes TM × TN of it in registers. The kernel supplies left4 and
// right4 (four consecutive k, zero past the end) and store4 (four columns).
//
// Tiles lie in workgroup memory as they lie in storage, four k to a vec4. Each
// row has one vec4 of padding, so that neighbouring rows fall on other banks.
// Columns are interleaved (column c lies in row (c % TN)·TX + c / TN): an
// invocation reads rows TX apart, and still owns TN columns side by side.

const BM: u32 = 64;
const BN: u32 = 64;
const BK: u32 = 16;
const TM: u32 = 4;
const TN: u32 = 4;

const TX = BN / TN;
const TY = BM / TM;
const THREADS = TX * TY;
const DEPTH4 = BK / 4;
const STRIDE = DEPTH4 + 1;
const OVERRUNS = true; // rounds go past the end of depth, where operands must be zero

var<workgroup> left_tile: array<vec4<Staged>, BM * STRIDE>;
var<workgroup> right_tile: array<vec4<Staged>, BN * STRIDE>;

fn tile_product(row0: u32, column0: u32, depth4: u32, lane: u32) {
  let tx = lane % TX;
  let ty = lane / TX;

  var sums: array<vec4f, TM * TN / 4>;
  for (var k0 = 0u; k0 < depth4; k0 += DEPTH4) {
    for (var at = lane; at < BM * DEPTH4; at += THREADS) {
      let row = at / DEPTH4;
      let k = at % DEPTH4;
      left_tile[row * STRIDE + k] = vec4<Staged>(left4(row0 + row, k0 + k));
    }
    for (var at = lane; at < BN * DEPTH4; at += THREADS) {
      let column = at / DEPTH4;
      let k = at % DEPTH4;
      right_tile[((column % TN) * TX + column / TN) * STRIDE + k] = vec4<Staged>(right4(column0 + column, k0 + k));
    }
    workgroupBarrier();

    for (var k = 0u; k < DEPTH4; k++) {
      var right: array<mat4x4f, TN / 4>;
      for (var j = 0u; j < TN / 4; j++) {
        right[j] = transpose(mat4x4f(
          vec4f(right_tile[((4 * j + 0) * TX + tx) * STRIDE + k]),
          vec4f(right_tile[((4 * j + 1) * TX + tx) * STRIDE + k]),
          vec4f(right_tile[((4 * j + 2) * TX + tx) * STRIDE + k]),
          vec4f(right_tile[((4 * j + 3) * TX + tx) * STRIDE + k]),
        ));
      }
      for (var i = 0u; i < TM; i++) {
        let left = vec4f(left_tile[(i * TY + ty) * STRIDE + k]);
        for (var j = 0u; j < TN / 4; j++) {
          var sum = sums[i * (TN / 4) + j];
          sum = fma(vec4f(left.x), right[j][0], sum);
          sum = fma(vec4f(left.y), right[j][1], sum);
          sum = fma(vec4f(left.z), right[j][2], sum);
          sum = fma(vec4f(left.w), right[j][3], sum);
          sums[i * (TN / 4) + j] = sum;
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM; i++) {
    for (var j = 0u; j < TN / 4; j++) {
      store4(row0 + i * TY + ty, column0 + tx * TN + 4 * j, sums[i * (TN / 4) + j]);
    }
  }
}
