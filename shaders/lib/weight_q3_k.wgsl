// Blocks of 256 weights in 110 bytes: 32 bytes of third bits (bit i/32 of byte
// i mod 32), 64 bytes of two bits as in q2_k, 12 bytes with a scale s of six bits
// for each 16 (four bits in the first 8 bytes, two in the last 4), then a half d;
// d·(s − 32)·(q − 4).

fn weight4(index: u32) -> vec4f {
  let block = (index / 64) * 110;
  let four = index % 64;
  let column = block + (four % 8) * 4;
  let third = word_at(column) >> (four / 8);
  let pairs = column + 32 + (four / 32) * 32;
  let low = word_at(pairs) >> (2 * ((four / 8) % 4));
  let q = bytes4((low & 0x03030303) | ((third & 0x01010101) << 2)) - 4;

  let group = four / 4;
  let s = ((byte_at(block + 96 + group % 8) >> (4 * (group / 8))) & 15)
    | (((byte_at(block + 104 + group % 4) >> (2 * (group / 4))) & 3) << 4);
  return half_at(block + 108) * (f32(s) - 32) * q;
}
