// rows[token, (c, p, q)] = latents[c, frame, 2·y + p, 2·x + q]
//
// The order of a row is that of the patch embedding's weight, a 1×2×2
// convolution whose stride is its size: so the convolution is a matrix product.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  channels: u32,
  frames: u32,
  height: u32, // of the grid of tokens: half the latents'
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> latents: array<f32>;                // (channels, frames, 2·height, 2·width)
@group(0) @binding(2) var<storage, read_write> rows: array<vec4<Result>>;    // (frames·height·width, channels·4)

@compute @workgroup_size(WORKGROUP)
fn patchify(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  let tokens = params.frames * params.height * params.width;
  if (at >= tokens * params.channels) { return; }
  let token = at / params.channels;
  let x = token % params.width;
  let y = (token / params.width) % params.height;
  let plane = (at % params.channels) * params.frames + token / (params.height * params.width);
  let first = (plane * params.height * 2 + y * 2) * params.width * 2 + x * 2;
  let below = first + params.width * 2;
  rows[at] = vec4<Result>(vec4f(latents[first], latents[first + 1], latents[below], latents[below + 1]));
}
