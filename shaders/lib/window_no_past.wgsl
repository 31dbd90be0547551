// Nothing was before: what a zero cache and zero padding both mean.
fn past4(at: u32) -> vec4f {
  return vec4f();
}
