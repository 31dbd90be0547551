// Two elements a word, each the upper half of a 32-bit float.
fn word_of(word: u32) -> u32 {
  return (f32_bits(2 * word) >> 16) | (f32_bits(2 * word + 1) & 0xffff0000);
}
