// Un-normalised: the sampler's latents have mean 0 and deviation 1.
@group(0) @binding(2) var<storage, read> moments: array<f32>; // (2, channels): mean, deviation

fn restyle(c: u32, value: f32) -> f32 {
  return value * moments[params.channels + c] + moments[c];
}
