// The product of lib/tile.wgsl on matrix units: 16 × 16 × 16 in half precision,
// summed in f32.
//
// Same contract: one workgroup makes a BM × BN tile, BK steps of depth at a time;
// one subgroup of 32 makes SM × SN of it. Offsets and strides of matrices in
// workgroup memory count its elements, which are vec4; two of padding a row keep
// neighbouring rows on other banks. A sum leaves through a scratch of its
// subgroup, since only there can it be told which element is whose.

const BM: u32 = 128;
const BN: u32 = 128;
const BK: u32 = 32;
const SM: u32 = 64;
const SN: u32 = 64;

const OVER = BN / SN;
const SUBGROUPS = (BM / SM) * OVER;
const THREADS = SUBGROUPS * 32;
const DEPTH4 = BK / 4;
const STRIDE = DEPTH4 + 2;
const LEFTS = BM * DEPTH4 / THREADS;
const RIGHTS = BN * DEPTH4 / THREADS;
const DOWN16 = SM / 16;
const OVER16 = SN / 16;
const SCRATCH_STRIDE = 20;
const SCRATCH = 16 * SCRATCH_STRIDE;

alias LeftMatrix = subgroup_matrix_left<f16, 16, 16>;
alias RightMatrix = subgroup_matrix_right<f16, 16, 16>;
alias SumMatrix = subgroup_matrix_result<f32, 16, 16>;

var<workgroup> left_tile: array<vec4<f16>, BM * STRIDE>;
var<workgroup> right_tile: array<vec4<f16>, BN * STRIDE>;
var<workgroup> scratch: array<f32, SUBGROUPS * SCRATCH>;

fn tile_product(row0: u32, column0: u32, first4: u32, end4: u32, invocation: u32) {
  // Only so can the compiler see that no index leaves workgroup memory: its checks put the sums into memory.
  let lane = invocation % THREADS;
  let subgroup = lane / 32;
  let row = (subgroup / OVER) * SM;
  let column = (subgroup % OVER) * SN;

  // What the next round multiplies is on its way in registers while this one is multiplied.
  var next_left: array<vec4<f16>, LEFTS>; // unroll
  for (var i = 0u; i < LEFTS; i++) { // unroll
    let at = lane + i * THREADS;
    next_left[i] = vec4<f16>(left4(row0 + at / DEPTH4, first4 + at % DEPTH4));
  }
  var next_right: array<vec4<f16>, RIGHTS>; // unroll
  for (var i = 0u; i < RIGHTS; i++) { // unroll
    let at = lane + i * THREADS;
    next_right[i] = vec4<f16>(right4(column0 + at / DEPTH4, first4 + at % DEPTH4));
  }

  var sums: array<SumMatrix, DOWN16 * OVER16>; // unroll
  for (var k0 = first4; k0 < end4; k0 += DEPTH4) {
    for (var i = 0u; i < LEFTS; i++) { // unroll
      let at = lane + i * THREADS;
      left_tile[(at / DEPTH4) * STRIDE + at % DEPTH4] = next_left[i];
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      let at = lane + i * THREADS;
      right_tile[(at / DEPTH4) * STRIDE + at % DEPTH4] = next_right[i];
    }
    workgroupBarrier();

    for (var i = 0u; i < LEFTS; i++) { // unroll
      let at = lane + i * THREADS;
      next_left[i] = vec4<f16>(left4(row0 + at / DEPTH4, k0 + DEPTH4 + at % DEPTH4));
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      let at = lane + i * THREADS;
      next_right[i] = vec4<f16>(right4(column0 + at / DEPTH4, k0 + DEPTH4 + at % DEPTH4));
    }

    for (var k = 0u; k < DEPTH4; k += 4) { // unroll
      var lefts: array<LeftMatrix, DOWN16>; // unroll, set once
      for (var i = 0u; i < DOWN16; i++) { // unroll
        lefts[i] = subgroupMatrixLoad<LeftMatrix, row_major>(&left_tile, (row + 16 * i) * STRIDE + k, STRIDE);
      }
      var rights: array<RightMatrix, OVER16>; // unroll, set once
      for (var j = 0u; j < OVER16; j++) { // unroll
        rights[j] = subgroupMatrixLoad<RightMatrix, col_major>(&right_tile, (column + 16 * j) * STRIDE + k, STRIDE);
      }
      for (var i = 0u; i < DOWN16; i++) { // unroll
        for (var j = 0u; j < OVER16; j++) { // unroll
          sums[i * OVER16 + j] = subgroupMatrixMultiplyAccumulate(lefts[i], rights[j], sums[i * OVER16 + j]);
        }
      }
    }
    workgroupBarrier();
  }

  let mine = lane % 32;
  for (var i = 0u; i < DOWN16; i++) { // unroll
    for (var j = 0u; j < OVER16; j++) { // unroll
      subgroupMatrixStore<row_major>(&scratch, subgroup * SCRATCH, sums[i * OVER16 + j], SCRATCH_STRIDE);
      workgroupBarrier();
      for (var half = 0u; half < 2; half++) {
        let y = half * 8 + mine / 4;
        let x = (mine % 4) * 4;
        let at = subgroup * SCRATCH + y * SCRATCH_STRIDE + x;
        store4(
          row0 + row + 16 * i + y,
          column0 + column + 16 * j + x,
          vec4f(scratch[at], scratch[at + 1], scratch[at + 2], scratch[at + 3]),
        );
      }
      workgroupBarrier();
    }
  }
}
