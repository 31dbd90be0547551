fn addend4(at: u32) -> vec4f {
  return vec4f();
}
