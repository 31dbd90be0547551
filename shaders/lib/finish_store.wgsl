fn finish(row: u32, column: u32, at: u32, value: vec4f) {
  result[at] = vec4<Result>(value);
}
