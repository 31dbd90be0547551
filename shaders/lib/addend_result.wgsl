// What stands in the result counts as part of the sum, before the activation.
fn added(at: u32, value: vec4f) -> vec4f {
  return vec4f(result[at]) + value;
}
