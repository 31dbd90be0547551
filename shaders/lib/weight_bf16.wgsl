// Weights stored as bfloat16: the upper half of a 32-bit float.
@group(0) @binding(2) var<storage, read> weight: array<vec2u>;

fn weight4(index: u32) -> vec4f {
  let pair = weight[index];
  return bitcast<vec4f>(vec4u(pair.x << 16, pair.x & 0xffff0000, pair.y << 16, pair.y & 0xffff0000));
}
