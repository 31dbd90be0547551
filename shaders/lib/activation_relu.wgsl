// max() may turn NaN into 0, and so hide it, and comparisons are compiled into the same: bits are not.
fn activate(value: vec4f) -> vec4f {
  let is_number = (bitcast<vec4u>(value) & vec4u(0x7fffffff)) <= vec4u(0x7f800000);
  return select(value, max(value, vec4f()), is_number);
}
