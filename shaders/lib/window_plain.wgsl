// Pixels go into the window as they are.
fn norm_factor(first: u32, part: u32, is_pixel: bool, lane: u32) -> f32 {
  return 1;
}

fn restyle(c: u32, value: vec4f) -> vec4f {
  return value;
}
