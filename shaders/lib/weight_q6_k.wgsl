// Blocks of 256 weights in 210 bytes: 128 bytes with four bits of two q each (of
// 128 weights the first 64 in the lower bits), 64 bytes of their upper two bits as
// in q2_k, a signed byte s for each 16, then a half d; d·s·(q − 32).

fn weight4(index: u32) -> vec4f {
  let block = (index / 64) * 210;
  let four = index % 64;
  let nibbles = block + (four / 32) * 64 + (four % 16) * 4;
  let pairs = block + 128 + (four / 32) * 32 + (four % 8) * 4;
  let low = word_at(nibbles) >> ((four & 16) / 4);
  let high = word_at(pairs) >> (2 * ((four / 8) % 4));
  let q = bytes4((low & 0x0f0f0f0f) | ((high & 0x03030303) << 4)) - 32;

  let s = f32(i32(byte_at(block + 192 + four / 4) ^ 128) - 128); // the byte's sign
  return half_at(block + 208) * s * q;
}
