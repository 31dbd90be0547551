@group(0) @binding(3) var<storage, read> weight: array<vec4f>; // (channels)

fn restyle(row: u32, c: u32, value: vec4f) -> vec4f {
  return value * weight[c];
}
