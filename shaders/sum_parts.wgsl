// result[row, column] = epilogue(Σ_part sums[part, row, column])
//
// The end of a product with few rows and a deep sum: matmul.wgsl has made the sums
// of each part of the depth, by workgroups that a GPU runs side by side. They are
// added in order, so that a product comes out the same each time. The rest is in
// lib/product_result.wgsl.

const SPLIT: u32 = 2; // parts
const THREADS: u32 = 64;

@group(0) @binding(1) var<storage, read> sums: array<vec4f>; // (parts, rows, columns)

@compute @workgroup_size(THREADS)
fn sum_parts(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let columns4 = params.columns / 4;
  let of_part = params.rows * columns4;
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= of_part) { return; }
  var sum = sums[at];
  for (var part = 1u; part < SPLIT; part++) {
    sum += sums[part * of_part + at];
  }
  store4(at / columns4, (at % columns4) * 4, sum);
}
