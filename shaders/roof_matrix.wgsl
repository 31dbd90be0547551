// As many multiply-adds as the matrix units can do: two independent chains of
// matrices in registers, f16 × f16 summed in f32, nothing read from memory
// inside the loop. The roof that kernels on matrix units are measured against.
// Loops cost here, too (roof_fma.wgsl), and so did more chains: with four, of two
// left matrices, an H100 reached 456 TFLOP/s where two reach 633.
//
// How many subgroups a workgroup has is known on the GPU alone, so they share
// the workgroup's rounds; the work of a dispatch is the same either way. Every
// element of a chain grows by DEPTH · left · right a product, which tells
// afterwards that all of them were done.

const WORKGROUP: u32 = 128;
const SUBGROUPS: u32 = 4; // at most, in a workgroup
const ROWS: u32 = 16;
const COLUMNS: u32 = 16;
const DEPTH: u32 = 16;
// Of a round, of four products of each chain: known, so that the compiler unrolls them.
const TURNS: u32 = 16;

alias Left = subgroup_matrix_left<Factor, DEPTH, ROWS>;
alias Right = subgroup_matrix_right<Factor, COLUMNS, DEPTH>;
alias Sum = subgroup_matrix_result<f32, COLUMNS, ROWS>;

struct Params {
  first_group: u32,
  rounds: u32, // of a workgroup
  left: f32,
  right: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<f32>; // (groups, SUBGROUPS, 2, ROWS, COLUMNS)

@compute @workgroup_size(WORKGROUP)
fn roof_matrix(
  @builtin(workgroup_id) id: vec3u,
  @builtin(local_invocation_index) lane: u32,
  @builtin(subgroup_size) size: u32,
) {
  let left = Left(Factor(params.left));
  let right = Right(Factor(params.right));
  let right3 = Right(Factor(3 * params.right));
  var a = Sum();
  var b = Sum();
  let rounds = params.rounds / (WORKGROUP / size);
  for (var round = 0u; round < rounds; round++) {
    for (var turn = 0u; turn < TURNS; turn++) {
      a = subgroupMatrixMultiplyAccumulate(left, right, a);
      b = subgroupMatrixMultiplyAccumulate(left, right3, b);
      a = subgroupMatrixMultiplyAccumulate(left, right, a);
      b = subgroupMatrixMultiplyAccumulate(left, right3, b);
      a = subgroupMatrixMultiplyAccumulate(left, right, a);
      b = subgroupMatrixMultiplyAccumulate(left, right3, b);
      a = subgroupMatrixMultiplyAccumulate(left, right, a);
      b = subgroupMatrixMultiplyAccumulate(left, right3, b);
    }
  }
  // Groups beyond the result's end have computed, and keep nothing.
  let tile = ROWS * COLUMNS;
  let at = ((params.first_group + id.x) * SUBGROUPS + lane / size) * 2 * tile;
  if (at < arrayLength(&result)) {
    keep(at, a);
    keep(at + tile, b);
  }
}
