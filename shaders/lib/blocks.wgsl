// What the types stored in blocks share: four weights are made at once, from the
// four bytes of a word. No arrays, which SwiftShader would keep in memory.

fn bytes4(word: u32) -> vec4f {
  return vec4f((vec4u(word) >> vec4u(0, 8, 16, 24)) & vec4u(0xff));
}

// The same of numbers with a sign.
fn signed4(word: u32) -> vec4f {
  return vec4f(bitcast<vec4i>(vec4u(word) << vec4u(24, 16, 8, 0)) >> vec4u(24));
}

// The lowest four bits, one to a byte: copies 7 apart put bit i at 8·i.
fn spread4(bits: u32) -> u32 {
  return ((bits & 15) * 0x00204081) & 0x01010101;
}

// Scale and offset of a group of q4_k or q5_k. The first 16 bytes of both: two
// halves, then eight pairs of 6-bit numbers, of which the last four are kept
// partly in the spare bits of the first four.
fn scale_pair(head: vec4u, group: u32) -> vec2f {
  let bytes = head.yzw >> vec3u(8 * (group % 4));
  let first = bytes.xy & vec2u(63);
  let last = ((bytes.zz >> vec2u(0, 4)) & vec2u(15)) | ((bytes.xy >> vec2u(2)) & vec2u(48));
  return unpack2x16float(head.x) * vec2f(select(last, first, group < 4));
}
