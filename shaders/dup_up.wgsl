// main[T, Y, X, out] += x[t, y, x, (out · places + place) ÷ repeats]
//
// The shortcut around an upsampling stage (DupUp3D): channels are repeated, then
// spread over the 4 or 8 places that a pixel grows into, of which (T, Y, X) is
// one. The first chunk drops its leading frame, since its frame does not double.

const THREADS: u32 = 64;

struct Params {
  first_group: u32,
  count4: u32,      // of main
  channels4: u32,   // of main
  height: u32,      // of main
  width: u32,
  input_channels: u32,
  factor: u32,      // in time; 2 in space
  repeats: u32,
  dropped: u32,     // frames
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;                       // (t, y, x, input_channels)
@group(0) @binding(2) var<storage, read_write> main_values: array<vec4<Value>>; // (T, Y, X, channels)

@compute @workgroup_size(THREADS)
fn dup_up(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.count4) { return; }
  let pixel = at / params.channels4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let frame = pixel / (params.width * params.height) + params.dropped;

  let place = ((frame % params.factor) * 2 + row % 2) * 2 + column % 2;
  let source = ((frame / params.factor) * (params.height / 2) + row / 2) * (params.width / 2) + column / 2;
  let first = source * params.input_channels;
  let out = (at % params.channels4) * 4;
  let channel = ((vec4u(out) + vec4u(0, 1, 2, 3)) * params.factor * 4 + place) / params.repeats;
  let value = vec4<Value>(x[first + channel.x], x[first + channel.y], x[first + channel.z], x[first + channel.w]);
  main_values[at] = vec4<Value>(vec4f(main_values[at]) + vec4f(value));
}
