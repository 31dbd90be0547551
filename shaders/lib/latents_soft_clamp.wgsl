// Softly clamped to ±3. tanh saturates; its argument is clamped because some
// drivers give NaN for tanh of large numbers. By its bits NaN stays what it is,
// which clamp() may turn into −3, and so hide.
fn restyle(c: u32, value: f32) -> f32 {
  let is_number = (bitcast<u32>(value) & 0x7fffffff) <= 0x7f800000;
  return select(value, 3 * tanh(clamp(value / 3, -15, 15)), is_number);
}
