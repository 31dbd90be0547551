@group(0) @binding(4) var<storage, read> bias: array<vec4f>; // (columns)

fn biased(column: u32, value: vec4f) -> vec4f {
  return value + bias[column / 4];
}
