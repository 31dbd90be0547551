fn activate(value: vec4f) -> vec4f {
  return value / (1 + exp(-value));
}
