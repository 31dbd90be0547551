// What the types stored in blocks share: four weights are made at once, from the
// four bytes of a word. No arrays, which SwiftShader would keep in memory.

const BYTES = vec4f(1, 0x1p-8, 0x1p-16, 0x1p-24);

// A byte is cut out where it stands and brought down as a float, which is exact and
// costs CPUs less than shifting; conversions are signed, which is one instruction.
fn bytes4(word: u32) -> vec4f {
  return vec4f(vec3f(bitcast<vec3i>(vec3u(word) & vec3u(0xff, 0xff00, 0xff0000))), f32(word & 0xff000000)) * BYTES;
}

// The same of numbers with a sign: 128 is added before, and taken away again.
fn signed4(word: u32) -> vec4f {
  let cut = vec4u(word ^ 0x00808080) & vec4u(0xff, 0xff00, 0xff0000, 0xff000000);
  return (vec4f(bitcast<vec4i>(cut)) - vec4f(0x80, 0x8000, 0x800000, 0)) * BYTES;
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
