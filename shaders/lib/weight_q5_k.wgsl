// Blocks of 256 weights in 176 bytes: halves d and m, 12 bytes with a scale s and
// an offset o of six bits for each 32, 32 bytes of fifth bits (bit i/32 of byte
// i mod 32), 128 bytes with four bits of two q each as in q4_k; d·s·q − m·o.
@group(0) @binding(2) var<storage, read> weight: array<vec4u>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 64) * 11;
  let four = index % 64;
  let word = (four / 16) * 8 + four % 8;
  let group = scale_pair(weight[block], four / 8);
  let high = weight[block + 1 + (four % 8) / 4][four % 4] >> (four / 8);
  let low = weight[block + 3 + word / 4][word % 4] >> ((four & 8) / 2);
  return group.x * bytes4((low & 0x0f0f0f0f) | ((high & 0x01010101) << 4)) - group.y;
}
