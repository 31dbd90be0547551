// Weights stored as 32-bit floats, and activations in the place of weights.
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;

fn weight4(index: u32) -> vec4f {
  return weight[index];
}
