// Reading where blocks are not whole 32-bit words (18, 22, 34, 110 or 210 bytes),
// so that every other one begins in the middle of a word.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

// Four bytes from an even byte on. Rows are whole words, so all rows agree at the
// same depth: neighbours mostly branch together, and half of them read once.
fn word_at(byte: u32) -> u32 {
  let low = weight[(byte >> 2)];
  if ((byte & 3) == 0) { return low; }
  return (low >> 16) | (weight[(byte >> 2) + 1] << 16);
}

// The half that begins at an even byte.
fn half_at(byte: u32) -> f32 {
  let both = unpack2x16float(weight[(byte >> 2)]);
  return select(both.y, both.x, (byte & 3) == 0);
}

fn byte_at(byte: u32) -> u32 {
  return (weight[(byte >> 2)] >> (8 * ((byte & 3)))) & 0xff;
}
