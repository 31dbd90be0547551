// Blocks of 32 weights in 18 bytes: a half d, 16 bytes with two q each, the first
// 16 in the lower bits; d·(q − 8).

fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 18;
  let q = word_at(block + 2 + (index % 4) * 4) >> (index & 4);
  return half_at(block) * (bytes4(q & 0x0f0f0f0f) - 8);
}
