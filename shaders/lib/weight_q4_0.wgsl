// Blocks of 32 weights in 18 bytes: a half d, 16 bytes with two q each, the first
// 16 in the lower bits; d·(q − 8).

fn weight4(index: u32) -> vec4f {
  let block = (index >> 3) * 18;
  let upper = (index & 4) != 0;
  let q = word_at(block + 2 + (index & 3) * 4) & select(0x0f0f0f0fu, 0xf0f0f0f0u, upper);
  return half_at(block) * (bytes4(q) * select(1f, 0.0625, upper) - 8);
}
