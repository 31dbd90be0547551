// The shortcut around an upsampling stage (DupUp3D of the published decoder), read
// where it is and never written out: channels are repeated, then spread over the 4
// or 8 places that a pixel grows into. result[T, Y, X, out] takes
// grown[t, y, x, (out · places + place) ÷ repeats], place being that of (T, Y, X).
@group(0) @binding(5) var<storage, read> grown: array<Result>; // (t, y, x, grown_channels)

fn added(at: u32, value: vec4f) -> vec4f {
  let channels4 = params.result_columns / 4;
  let pixel = at / channels4;
  let width = 2 * params.grown_width;
  let row = (pixel % params.to_half) / width;
  let column = pixel % width;
  // The first chunk drops its leading frame, since its frame does not double.
  let frame = pixel / params.to_half + params.grown_dropped;

  let place = ((frame % params.grown_factor) * 2 + row % 2) * 2 + column % 2;
  let source = (frame / params.grown_factor) * (params.to_half / 4) + (row / 2) * params.grown_width + column / 2;
  let first = source * params.grown_channels;
  let places = 4 * params.grown_factor;
  let repeats = params.result_columns * places / params.grown_channels;
  let channel = ((at % channels4) * 4 + vec4u(0, 1, 2, 3)) * places + place;
  let sources = first + channel / repeats;
  return vec4f(vec4<Result>(grown[sources.x], grown[sources.y], grown[sources.z], grown[sources.w])) + value;
}
