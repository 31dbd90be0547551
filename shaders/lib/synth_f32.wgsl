fn word_of(word: u32) -> u32 {
  return f32_bits(word);
}
