// latents[c, frame, 2·y + p, 2·x + q] = rows[token, (p, q, c)]
//
// The head orders a row the other way round than the patch embedding: channels last.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  channels: u32,
  frames: u32,
  height: u32, // of the grid of tokens: half the latents'
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;                // (frames·height·width, 4·channels)
@group(0) @binding(2) var<storage, read_write> latents: array<f32>;       // (channels, frames, 2·height, 2·width)

@compute @workgroup_size(WORKGROUP)
fn unpatchify(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  let width = params.width * 2;
  let height = params.height * 2;
  if (at >= params.channels * params.frames * height * width) { return; }
  let x = at % width;
  let y = (at / width) % height;
  let frame = (at / (width * height)) % params.frames;
  let channel = at / (width * height * params.frames);
  let token = (frame * params.height + y / 2) * params.width + x / 2;
  latents[at] = rows[(token * 4 + (y % 2) * 2 + x % 2) * params.channels + channel];
}
