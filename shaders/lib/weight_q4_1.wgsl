// Blocks of 32 weights in 20 bytes: halves d and m, 16 bytes with two q each, the
// first 16 in the lower bits; d·q + m.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 8) * 5;
  let pair = unpack2x16float(weight[block]);
  let q = bytes4((weight[block + 1 + index % 4] >> (index & 4)) & 0x0f0f0f0f);
  return pair.x * q + pair.y;
}
