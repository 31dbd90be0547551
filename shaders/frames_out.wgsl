// frames[c, t, 2·y + q, 2·x + r] = clamp(scale · patches[t, y, x, (c, r, q) or (c, q, r)] + shift, −1, 1)
//
// 2×2 patches, channels last, back into frames of video.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  frames: u32,
  height: u32, // of the patches
  width: u32,
  row_step: u32, // channels of a patch from row to row, and from column to column: 1 and 2, or 2 and 1
  column_step: u32,
  scale: f32,
  shift: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> patches: array<Value>;       // (frames, height, width, 12)
@group(0) @binding(2) var<storage, read_write> frames: array<f32>;    // (3, frames, 2·height, 2·width)

@compute @workgroup_size(WORKGROUP)
fn frames_out(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  let width = params.width * 2;
  let height = params.height * 2;
  if (at >= 3 * params.frames * height * width) { return; }
  let x = at % width;
  let y = (at / width) % height;
  let t = (at / (width * height)) % params.frames;
  let c = at / (width * height * params.frames);
  let patch_ = (t * params.height + y / 2) * params.width + x / 2;
  let channel = c * 4 + (y % 2) * params.row_step + (x % 2) * params.column_step;
  let value = f32(patches[patch_ * 12 + channel]) * params.scale + params.shift;
  // clamp() may turn NaN into black, and so hide it, and comparisons are compiled into the same: bits are not.
  let is_number = (bitcast<u32>(value) & 0x7fffffff) <= 0x7f800000;
  frames[at] = select(value, clamp(value, -1, 1), is_number);
}
