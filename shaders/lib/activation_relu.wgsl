// Not max(): that may turn NaN into 0, and so hide it.
fn activate(value: vec4f) -> vec4f {
  return select(value, vec4f(), value < vec4f());
}
