// window[position, :] = the past | zeros of the border | activate(restyle(x[pixel, :]))
//
// Lays out what a convolution reads (conv.wgsl): first the frames of the past,
// then those of x, each with a row of zeros above and a column of zeros on the
// left. One column serves two sides: the zeros right of a row are those left of
// the next, the zeros below a frame those above the next; the last frame is
// followed by one more row and position.
//
// On the way the pixels are normalised, where a norm comes before the
// convolution, or repeated 2 × 2. LANES invocations share a position.

const WORKGROUP: u32 = 64;
const LANES: u32 = 8;

struct Params {
  first_group: u32,
  positions: u32,
  channels4: u32,
  past: u32,    // frames
  frames: u32,  // past and present
  pitch: u32,   // positions of a row
  plane: u32,   // and of a frame
  border: u32,
  height: u32,  // of x
  width: u32,
  double: u32,  // 1: each pixel of x becomes 2 × 2
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4<Value>>;              // (frames − past, height, width, channels)
@group(0) @binding(2) var<storage, read_write> window: array<vec4<Value>>;   // (positions, channels)

@compute @workgroup_size(WORKGROUP)
fn conv_window(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let position = (params.first_group + id.x) * (WORKGROUP / LANES) + lane / LANES;
  let first = lane % LANES;
  let frame = position / params.plane;
  let row = (position % params.plane) / params.pitch;
  let column = position % params.plane % params.pitch;
  let is_past = frame < params.past;
  let is_pixel = !is_past && frame < params.frames && row >= params.border && column >= params.border;

  let to = position * params.channels4;
  var pixel = 0u;
  if (is_pixel) {
    let y = (row - params.border) >> params.double;
    pixel = ((frame - params.past) * params.height + y) * params.width + ((column - params.border) >> params.double);
  }
  let source = pixel * params.channels4;
  let factor = norm_factor(source, first, is_pixel, lane);
  if (position >= params.positions) { return; }

  for (var c = first; c < params.channels4; c += LANES) {
    var value = vec4f();
    if (is_pixel) { value = activate(restyle(c, vec4f(x[source + c]) * factor)); }
    if (is_past) { value = past4(to + c); }
    window[to + c] = vec4<Value>(value);
  }
}
