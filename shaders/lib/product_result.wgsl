// What matmul, matmul_int8 and sum_parts share: how large the product is, and how
// a sum of it becomes a result.
//
// The epilogue parts multiply by the factors of the weight's rows, add the bias
// and what the result holds already, apply an activation and decide how the
// result is stored.

struct Params {
  first_group: u32,
  rows: u32,
  columns: u32,      // of this weight tile
  depth4: u32,
  column_offset: u32, // of this weight tile within the result
  result_columns: u32,
  tokens: u32,        // for the gate: rows of one sequence,
  split: u32,         //   and how timesteps are shared out (lib/timestep.wgsl)
  gate: u32,          //   which of the block's vectors is the gate
  first_row: u32,     //   and which row of the whole the first one here is
  part_depth4: u32,   // of each part of the depth but the last; depth4 where it is not cut
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read_write> result: array<vec4<Result>>;   // (rows, result_columns)

fn store4(row: u32, column: u32, sum: vec4f) {
  if (row >= params.rows || column >= params.columns) { return; }
  let whole = params.column_offset + column;
  let at = (row * params.result_columns + whole) / 4;
  finish(row, whole, at, activate(added(at, biased(whole, scaled(whole, sum)))));
}
