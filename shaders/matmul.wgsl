// result[row, column] = epilogue(Σ_k left[row, k] · weight[column, k])
//
// Weights are row-major [columns, depth], as every checkpoint stores a linear
// layer, and are decoded by the part that declares `weight4`. The epilogue parts
// multiply by the factors of the weight's rows, add the bias and what the result
// holds already, apply an activation and decide how the result is stored.

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
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4<Left>>;             // (rows, depth)
@group(0) @binding(3) var<storage, read_write> result: array<vec4<Result>>;   // (rows, result_columns)

const WHOLE: u32 = 0; // 1 where the rounds of a tile divide the depth, so that nothing is read past its end

fn left4(row: u32, k4: u32) -> vec4<Left> {
  if (WHOLE == 0 && k4 >= params.depth4) { return vec4<Left>(); }
  return left[min(row, params.rows - 1) * params.depth4 + k4];
}

fn right4(column: u32, k4: u32) -> vec4f {
  if (WHOLE == 0 && k4 >= params.depth4) { return vec4f(); }
  return weight4(min(column, params.columns - 1) * params.depth4 + k4);
}

fn store4(row: u32, column: u32, sum: vec4f) {
  if (row >= params.rows || column >= params.columns) { return; }
  let whole = params.column_offset + column;
  let at = (row * params.result_columns + whole) / 4;
  finish(row, whole, at, activate(added(at, biased(whole, scaled(whole, sum)))));
}

@compute @workgroup_size(THREADS)
fn matmul(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Tiles run down the rows first: neighbours share a tile of weights.
  let group = params.first_group + id.x;
  let tiles_down = (params.rows + BM - 1) / BM;
  tile_product((group % tiles_down) * BM, (group / tiles_down) * BN, params.depth4, lane);
}
