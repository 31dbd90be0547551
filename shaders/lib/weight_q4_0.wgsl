// Blocks of 32 weights in 18 bytes: a half d, 16 bytes with two q each, the first
// 16 in the lower bits; d·(q − 8).
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 18;
  let byte = block + 2 + (index % 4) * 4;
  let word = word_across(weight[byte / 4], weight[byte / 4 + 1], byte);
  let q = bytes4((word >> (index & 4)) & 0x0f0f0f0f);
  return half_of(weight[block / 4], block) * (q - 8);
}
