// result[t, y, x, :] = source[t, top + y, left + x, :]
//
// A rectangle of every frame.

const THREADS: u32 = 64;

struct Params {
  first_group: u32,
  count4: u32,        // of the result
  channels4: u32,
  height: u32,        // of the result
  width: u32,
  source_height: u32,
  source_width: u32,
  top: u32,
  left: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4<Value>>;        // (frames, source_height, source_width, channels)
@group(0) @binding(2) var<storage, read_write> result: array<vec4<Value>>;  // (frames, height, width, channels)

@compute @workgroup_size(THREADS)
fn crop(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.count4) { return; }
  let pixel = at / params.channels4;
  let x = params.left + pixel % params.width;
  let y = params.top + (pixel / params.width) % params.height;
  let frame = pixel / (params.width * params.height);
  let from_pixel = (frame * params.source_height + y) * params.source_width + x;
  result[at] = source[from_pixel * params.channels4 + at % params.channels4];
}
