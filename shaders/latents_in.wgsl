// pixels[y, x, c] = restyle(latents[c, frame, y, x])
//
// One latent frame, from the sampler's layout to a decoder's, with the values that decoder takes.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  channels: u32,
  frames: u32,
  area: u32,  // height · width
  frame: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> latents: array<f32>;              // (channels, frames, height, width)
@group(0) @binding(3) var<storage, read_write> pixels: array<vec4<Value>>; // (height, width, channels)

@compute @workgroup_size(WORKGROUP)
fn latents_in(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  let channels4 = params.channels / 4;
  if (at >= params.area * channels4) { return; }
  let pixel = at / channels4;
  var value = vec4f();
  for (var i = 0u; i < 4; i++) {
    let c = (at % channels4) * 4 + i;
    value[i] = restyle(c, latents[(c * params.frames + params.frame) * params.area + pixel]);
  }
  pixels[at] = vec4<Value>(value);
}
