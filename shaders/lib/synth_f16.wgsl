// Two elements a word. The bits are built from integers: a driver may round
// half-precision numbers below 2^-14 to zero, and such values do occur.
fn word_of(word: u32) -> u32 {
  return f16_bits(2 * word) | (f16_bits(2 * word + 1) << 16);
}

// magnitude · 2^-fall, not zero, with fall at most 24.
fn f16_bits(index: u32) -> u32 {
  let value = multiple(index);
  let magnitude = u32(abs(value));
  let lead = firstLeadingBit(magnitude);
  // The leading bit is not stored: added to the exponent field, it raises it by one.
  let normal = ((lead + 14 - params.fall) << 10) + (magnitude << (10 - lead));
  let subnormal = magnitude << (24 - params.fall);
  return (u32(value < 0) << 15) | select(subnormal, normal, lead + 14 >= params.fall);
}
