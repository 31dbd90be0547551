// Weights stored as IEEE half precision. Decoded without the shader-f16 feature.
@group(0) @binding(2) var<storage, read> weight: array<vec2u>;

fn weight4(index: u32) -> vec4f {
  let pair = weight[index];
  return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));
}
