@group(0) @binding(7) var<storage, read> scale: array<vec4f>; // (columns): one factor for each row of the weight

fn scaled(column: u32, value: vec4f) -> vec4f {
  return value * scale[column / 4];
}
