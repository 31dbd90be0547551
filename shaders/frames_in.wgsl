// patches[t, y, x, (c, r, q)] = frames[c, first + t, 2·y + q, 2·x + r]
//
// Video into 2×2 patches, channels last. Within a patch the column comes before
// the row, as published.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  count: u32,  // frames of the chunk
  frames: u32, // and of the whole
  height: u32, // of the patches
  width: u32,
  first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> frames: array<f32>;                // (3, frames, 2·height, 2·width)
@group(0) @binding(2) var<storage, read_write> patches: array<vec4<Value>>; // (count, height, width, 12)

@compute @workgroup_size(WORKGROUP)
fn frames_in(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  if (at >= params.count * params.height * params.width * 3) { return; }
  let c = at % 3;
  let x = (at / 3) % params.width;
  let y = (at / (3 * params.width)) % params.height;
  let t = at / (3 * params.width * params.height);
  let line = params.width * 2;
  let corner = ((c * params.frames + params.first + t) * params.height * 2 + y * 2) * line + x * 2;
  patches[at] = vec4<Value>(vec4f(frames[corner], frames[corner + line], frames[corner + 1], frames[corner + line + 1]));
}
