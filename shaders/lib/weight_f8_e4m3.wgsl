// Weights stored in 8 bits: 1 sign, 4 exponent (bias 7), 3 fraction, no infinities.
@group(0) @binding(2) var<storage, read> weight: array<u32>;

// A half with these four exponent bits has the value divided by 256, subnormals
// too. The one pattern that is not a number carries into the half's fifth bit.
fn halves(bytes: u32) -> vec2f {
  let magnitude = bytes & 0x7f007f00;
  let nan = (magnitude + 0x01000100) & 0x80008000;
  return unpack2x16float((bytes & 0x80008000) | ((magnitude | nan) >> 1));
}

fn weight4(index: u32) -> vec4f {
  let word = weight[index];
  let even = halves(word << 8);
  let odd = halves(word);
  return vec4f(even.x, odd.x, even.y, odd.y) * 256;
}
