fn added(at: u32, value: vec4f) -> vec4f {
  return value;
}
