// main[t, y, x, out] += mean of x over the `group` places (channel, T, Y, X) that shrink into it
//
// The shortcut around a downsampling stage (AvgDown3D): the frames, rows and
// columns of a block become channels, in the order (channel, T, Y, X), and
// neighbouring ones are averaged. If the frames do not divide, zeros go in front.

const THREADS: u32 = 64;

struct Params {
  first_group: u32,
  count4: u32,      // of main
  channels4: u32,   // of main
  height: u32,      // of main
  width: u32,
  input_channels: u32,
  factor_t: u32,
  factor_s: u32,
  group: u32,
  padded: u32,      // frames
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;                       // (T, Y, X, input_channels)
@group(0) @binding(2) var<storage, read_write> main_values: array<vec4<Value>>; // (t, y, x, channels)

fn mean(out: u32, frame: u32, row: u32, column: u32) -> f32 {
  let s = params.factor_s;
  let factor = params.factor_t * s * s;
  var sum = 0.0;
  for (var g = 0u; g < params.group; g++) {
    let place = out * params.group + g;
    let sub = place % factor;
    let source_frame = frame * params.factor_t + sub / (s * s);
    if (source_frame < params.padded) { continue; }
    let source_row = row * s + (sub / s) % s;
    let source_column = column * s + sub % s;
    let pixel = ((source_frame - params.padded) * params.height * s + source_row) * params.width * s + source_column;
    sum += f32(x[pixel * params.input_channels + place / factor]);
  }
  return sum / f32(params.group);
}

@compute @workgroup_size(THREADS)
fn avg_down(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.count4) { return; }
  let pixel = at / params.channels4;
  let column = pixel % params.width;
  let row = (pixel / params.width) % params.height;
  let frame = pixel / (params.width * params.height);
  let out = (at % params.channels4) * 4;
  let value = vec4f(
    mean(out, frame, row, column),
    mean(out + 1, frame, row, column),
    mean(out + 2, frame, row, column),
    mean(out + 3, frame, row, column),
  );
  main_values[at] = vec4<Value>(vec4f(main_values[at]) + value);
}
