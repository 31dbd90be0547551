// q[row, k] = round(x[row, k] / scale[row, k / 32]) in 8 bits, four to a word
//
// Each block of 32 neighbours has a scale of its own, so that one large number
// costs its neighbours their digits and no others. One invocation makes one block.

struct Params {
  first_group: u32,
  blocks: u32,
}

const THREADS: u32 = 64;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Left>>;           // (rows, depth)
@group(0) @binding(2) var<storage, read_write> quantised: array<vec4u>;  // (rows, depth / 16)
@group(0) @binding(3) var<storage, read_write> scales: array<f32>;       // (rows, depth / 32)

@compute @workgroup_size(THREADS)
fn quantise(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let block = (params.first_group + id.x) * THREADS + lane;
  if (block >= params.blocks) { return; }
  // No array, which SwiftShader would keep in memory.
  let a = vec4f(x[8 * block]);
  let b = vec4f(x[8 * block + 1]);
  let c = vec4f(x[8 * block + 2]);
  let d = vec4f(x[8 * block + 3]);
  let e = vec4f(x[8 * block + 4]);
  let f = vec4f(x[8 * block + 5]);
  let g = vec4f(x[8 * block + 6]);
  let h = vec4f(x[8 * block + 7]);
  let scale = scale_of(a, b, c, d, e, f, g, h);
  let inverse = inverse_of(scale);
  scales[block] = scale;
  quantised[2 * block] = vec4u(packed(a, inverse), packed(b, inverse), packed(c, inverse), packed(d, inverse));
  quantised[2 * block + 1] = vec4u(packed(e, inverse), packed(f, inverse), packed(g, inverse), packed(h, inverse));
}
