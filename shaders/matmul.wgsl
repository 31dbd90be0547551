// result[row, column] = epilogue(Σ_k left[row, k] · weight[column, k])
//
// Weights are row-major [columns, depth], as every checkpoint stores a linear
// layer, and are decoded by the part that declares `weight4`. The rest is in
// lib/product_result.wgsl, and the sum in a form of lib/tile.wgsl.
//
// A depth that was cut into parts has workgroups for each part, whose sums
// sum_parts.wgsl adds.

@group(0) @binding(1) var<storage, read> left: array<vec4<Left>>; // (rows, depth)

const WHOLE: u32 = 0; // 1 where the rounds of a tile divide the depth, so that nothing is read past its end
const CUT: u32 = 0;   // 1 where the depth is in parts

fn left4(row: u32, k4: u32) -> vec4<Left> {
  if (WHOLE == 0 && k4 >= params.depth4) { return vec4<Left>(); }
  return left[min(row, params.rows - 1) * params.depth4 + k4];
}

fn right4(column: u32, k4: u32) -> vec4f {
  if (WHOLE == 0 && k4 >= params.depth4) { return vec4f(); }
  return weight4(min(column, params.columns - 1) * params.depth4 + k4);
}

var<private> part: u32; // of the depth, the workgroup's own

@compute @workgroup_size(THREADS)
fn matmul(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Tiles run down the rows first: neighbours share a tile of weights.
  let group = params.first_group + id.x;
  let tiles_down = (params.rows + BM - 1) / BM;
  let tiles = tiles_down * ((params.columns + BN - 1) / BN);
  let own = select(group / tiles, 0, CUT == 0);
  let tile = group - own * tiles;
  part = own; // and cannot bound the loop with the barriers: a private variable may differ from lane to lane
  let first4 = own * params.part_depth4;
  let end4 = min(first4 + params.part_depth4, params.depth4);
  tile_product((tile % tiles_down) * BM, (tile / tiles_down) * BN, first4, end4, lane);
}
