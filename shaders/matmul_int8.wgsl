// result[row, column] = epilogue(Σ_b ls[row, b] · ws[column, b] · Σ_k∈b left[row, k] · weight[column, k])
//
// The product of numbers in 8 bits, in blocks b of 32 with a scale each: left as
// quantise.wgsl makes them, weights as q8_0 stores them (lib/weight_q8_0.wgsl, whose
// words lib/blocks_at_halves.wgsl reads). The inner sum is one of whole numbers,
// exact; dot4I8Packed makes four terms of it. A `quad` is four words: half a block.

@group(0) @binding(1) var<storage, read> left: array<vec4u>;      // (rows, depth / 16)
@group(0) @binding(8) var<storage, read> left_scales: array<f32>; // (rows, depth / 32)

fn left_quad(row: u32, quad: u32) -> vec4u {
  if (quad >= params.depth4 / 4) { return vec4u(); }
  return left[min(row, params.rows - 1) * (params.depth4 / 4) + quad];
}

fn left_scale(row: u32, block: u32) -> f32 {
  if (block >= params.depth4 / 8) { return 0; }
  return left_scales[min(row, params.rows - 1) * (params.depth4 / 8) + block];
}

fn right_byte(column: u32, block: u32) -> u32 {
  return (min(column, params.columns - 1) * (params.depth4 / 8) + block) * 34;
}

fn right_quad(column: u32, quad: u32) -> vec4u {
  if (quad >= params.depth4 / 4) { return vec4u(); }
  let byte = right_byte(column, quad / 2) + 2 + (quad % 2) * 16;
  let at = byte / 4;
  let words = vec4u(weight[at], weight[at + 1], weight[at + 2], weight[at + 3]);
  if (byte % 4 == 0) { return words; }
  return (words >> vec4u(16)) | (vec4u(words.yzw, weight[at + 4]) << vec4u(16));
}

fn right_scale(column: u32, block: u32) -> f32 {
  if (block >= params.depth4 / 8) { return 0; }
  return half_at(right_byte(column, block));
}

// sums + left · each of four columns, over half a block.
fn dots(sums: vec4i, left: vec4u, a: vec4u, b: vec4u, c: vec4u, d: vec4u) -> vec4i {
  return vec4i(dot16(sums.x, left, a), dot16(sums.y, left, b), dot16(sums.z, left, c), dot16(sums.w, left, d));
}

fn dot16(sum: i32, a: vec4u, b: vec4u) -> i32 {
  return sum + dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

@compute @workgroup_size(THREADS)
fn matmul_int8(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  // Tiles run down the rows first: neighbours share a tile of weights.
  let group = params.first_group + id.x;
  let tiles_down = (params.rows + BM - 1) / BM;
  tile_product((group % tiles_down) * BM, (group / tiles_down) * BN, params.depth4 / 8, lane);
}
