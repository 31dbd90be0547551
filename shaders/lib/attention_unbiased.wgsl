fn bias4(head: u32, query: u32, key: u32) -> vec4f {
  return vec4f();
}
