// result[row, column] = epilogue(Σ_b ls[row, b] · ws[column, b] · Σ_k∈b left[row, k] · weight[column, k])
//
// The product of numbers in 8 bits, in blocks b of 32 with a scale each: left as
// quantise.wgsl makes them, weights as q8_0 stores them (lib/weight_q8_0.wgsl, whose
// words lib/blocks_at_halves.wgsl reads). The inner sum is one of whole numbers,
// exact; dot4I8Packed makes four terms of it. The form binds left at 1.

@group(0) @binding(8) var<storage, read> left_scales: array<f32>; // (rows, depth / 32)

fn left_scale(row: u32, block: u32) -> f32 {
  return left_scales[min(row, params.rows - 1) * (params.depth4 / 8) + block];
}

// Where a block of the weight begins: with its scale, and two bytes on its numbers.
fn right_byte(column: u32, block: u32) -> u32 {
  return (min(column, params.columns - 1) * (params.depth4 / 8) + block) * 34;
}

// One word of the left by one of each of four columns.
fn dots(left: u32, right: vec4u) -> vec4i {
  return vec4i(
    dot4I8Packed(left, right.x), dot4I8Packed(left, right.y), dot4I8Packed(left, right.z), dot4I8Packed(left, right.w),
  );
}

@compute @workgroup_size(THREADS)
fn matmul_int8(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Tiles run down the rows first: neighbours share a tile of weights.
  let group = params.first_group + id.x;
  let tiles_down = (params.rows + BM - 1) / BM;
  tile_product((group % tiles_down) * BM, (group / tiles_down) * BN, params.depth4 / 8, lane);
}
