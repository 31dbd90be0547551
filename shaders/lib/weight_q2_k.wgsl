// Blocks of 256 weights in 84 bytes: for each 16 a byte with a scale s and an
// offset o of four bits, then 64 bytes of two bits q (32 bytes for each half,
// two bits of each byte for a quarter of it), then halves d and m; d·s·q − m·o.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 64) * 21;
  let four = index % 64;
  let pair = unpack2x16float(weight[block + 20]);
  let group = weight[block + four / 16] >> (8 * ((four / 4) % 4));
  let q = weight[block + 4 + (four / 32) * 8 + four % 8] >> (2 * ((four / 8) % 4));
  return pair.x * f32(group & 15) * bytes4(q & 0x03030303) - pair.y * f32((group >> 4) & 15);
}
