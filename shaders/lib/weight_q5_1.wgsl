// Blocks of 32 weights in 24 bytes: halves d and m, the fifth bits of all q, 16
// bytes with four bits of two q each, the first 16 in the lower bits; d·q + m.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 6;
  let pair = unpack2x16float(weight[block]);
  let high = weight[block + 1] >> (4 * (index % 8));
  let low = weight[block + 2 + index % 4] >> (index & 4);
  return pair.x * bytes4((low & 0x0f0f0f0f) | (spread4(high) << 4)) + pair.y;
}
