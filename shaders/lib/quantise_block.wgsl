// 32 numbers in 8 bits each: x ≈ scale · q, |q| at most 127.

// Magnitudes in order as whole numbers, so that what is no number counts as the
// largest: the scale, and with it every result, is then none either.
fn magnitude(x: vec4f) -> vec4u {
  return bitcast<vec4u>(x) & vec4u(0x7fffffff);
}

// The largest magnitude of the block, over 127.
fn scale_of(a: vec4f, b: vec4f, c: vec4f, d: vec4f, e: vec4f, f: vec4f, g: vec4f, h: vec4f) -> f32 {
  let low = max(max(magnitude(a), magnitude(b)), max(magnitude(c), magnitude(d)));
  let high = max(max(magnitude(e), magnitude(f)), max(magnitude(g), magnitude(h)));
  let pair = max(max(low, high).xy, max(low, high).zw);
  return bitcast<f32>(max(pair.x, pair.y)) / 127;
}

// What to multiply by to divide by the scale. A block of zeros has none.
fn inverse_of(scale: f32) -> f32 {
  return select(1 / scale, 0, scale == 0);
}

// Four of the block in a word. A scale that was rounded down makes 127 a little more than that.
fn packed(x: vec4f, inverse: f32) -> u32 {
  return pack4xI8Clamp(vec4i(round(x * inverse)));
}
