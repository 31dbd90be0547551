// Blocks of 32 weights in 18 bytes: a half d, 16 bytes with two q each, the first
// 16 in the lower bits; d·(q − 8).
fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 18;
  let byte = block + 2 + (index % 4) * 4;
  let word = word_at(byte);
  let q = bytes4((word >> (index & 4)) & 0x0f0f0f0f);
  return half_at(block) * (q - 8);
}
