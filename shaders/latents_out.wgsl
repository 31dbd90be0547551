// latents[c, frame, y, x] = (pixels[y, x, c] − mean[c]) / deviation[c]
//
// One latent frame, from the encoder's layout to the sampler's, normalised. The
// encoder gives mean and log-variance; only the means, its first half, are used.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  channels: u32, // of the latents: half the pixels'
  frames: u32,
  area: u32,     // height · width
  frame: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pixels: array<Value>;             // (height, width, 2 · channels)
@group(0) @binding(2) var<storage, read> moments: array<f32>;              // (2, channels): mean, deviation
@group(0) @binding(3) var<storage, read_write> latents: array<f32>;        // (channels, frames, height, width)

@compute @workgroup_size(WORKGROUP)
fn latents_out(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  if (at >= params.area * params.channels) { return; }
  let pixel = at % params.area;
  let c = at / params.area;
  let value = f32(pixels[pixel * params.channels * 2 + c]);
  latents[(c * params.frames + params.frame) * params.area + pixel] = (value - moments[c]) / moments[params.channels + c];
}
