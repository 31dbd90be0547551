// Blocks of 32 weights in 34 bytes: a half d, 32 signed bytes q; d·q.

fn weight4(index: u32) -> vec4f {
  let block = (index >> 3) * 34;
  return half_at(block) * signed4(word_at(block + 2 + (index & 7) * 4));
}
