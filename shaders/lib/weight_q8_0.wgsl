// Blocks of 32 weights in 34 bytes: a half d, 32 signed bytes q; d·q.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 34;
  let byte = block + 2 + (index % 8) * 4;
  let q = signed4(word_across(weight[byte / 4], weight[byte / 4 + 1], byte));
  return half_of(weight[block / 4], block) * q;
}
