// Blocks of 32 weights in 22 bytes: a half d, the fifth bits of all q, 16 bytes
// with four bits of two q each, the first 16 in the lower bits; d·(q − 16).

fn weight4(index: u32) -> vec4f {
  let block = (index >> 3) * 22;
  let high = word_at(block + 2) >> (4 * (index & 7));
  let low = word_at(block + 6 + (index & 3) * 4) >> (index & 4);
  return half_at(block) * (bytes4((low & 0x0f0f0f0f) | (spread4(high) << 4)) - 16);
}
