// Weights stored in 8 bits: the upper half of an IEEE half.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

fn weight4(index: u32) -> vec4f {
  let word = weight[index];
  let even = unpack2x16float((word << 8) & 0xff00ff00);
  let odd = unpack2x16float(word & 0xff00ff00);
  return vec4f(even.x, odd.x, even.y, odd.y);
}
