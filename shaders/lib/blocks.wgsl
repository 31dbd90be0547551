// What the types stored in blocks share. A block's bytes lie in 32-bit words, the
// first byte lowest; a block of 18, 22, 34, 110 or 210 bytes may begin in the
// middle of one. Four weights are made at once, from the four bytes of a word.

// Four bytes from an even byte on, of the word it is in and the next.
fn word_across(low: u32, high: u32, byte: u32) -> u32 {
  return select((low >> 16) | (high << 16), low, byte % 4 == 0);
}

// The half that begins at an even byte of this word.
fn half_of(word: u32, byte: u32) -> f32 {
  return unpack2x16float(word >> (8 * (byte % 4))).x;
}

fn byte_of(word: u32, byte: u32) -> u32 {
  return (word >> (8 * (byte % 4))) & 0xff;
}

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
