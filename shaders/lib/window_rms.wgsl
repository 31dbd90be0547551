// Pixels are normalised over their channels: √channels · x ÷ max(‖x‖, 1e-12) · gamma.
@group(0) @binding(3) var<storage, read> gamma: array<vec4f>; // (channels)

var<workgroup> squares: array<f32, WORKGROUP>;

fn norm_factor(first: u32, part: u32, is_pixel: bool, lane: u32) -> f32 {
  var square = 0.0;
  if (is_pixel) {
    for (var c = part; c < params.channels4; c += LANES) {
      let value = vec4f(x[first + c]);
      square += dot(value, value);
    }
  }
  if (LANES > 1) {
    squares[lane] = square;
    for (var width = LANES / 2; width > 0; width /= 2) {
      workgroupBarrier();
      if (part < width) { squares[lane] += squares[lane + width]; }
    }
    workgroupBarrier();
    square = squares[lane - part];
  }
  return sqrt(f32(params.channels4 * 4)) / max(sqrt(square), 1e-12);
}

fn restyle(c: u32, value: vec4f) -> vec4f {
  return value * gamma[c];
}
