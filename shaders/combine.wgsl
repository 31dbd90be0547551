// target[i] = Σ_j weight[j] · source_j[i]
//
// A term of weight 0 is not read at all: its source may hold what was never
// written, and 0 · NaN is NaN. Weights lie in a tensor, not in the uniform, so
// that they can change from step to step without binding anew.

struct Params {
  first_group: u32,
  count: u32,
  row: u32, // of the weights
}

const THREADS: u32 = 64;
const TERMS: u32 = 6;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> target_values: array<f32>;
@group(0) @binding(2) var<storage, read> weights: array<f32>; // (rows, TERMS)
@group(0) @binding(3) var<storage, read> source0: array<f32>;
@group(0) @binding(4) var<storage, read> source1: array<f32>;
@group(0) @binding(5) var<storage, read> source2: array<f32>;
@group(0) @binding(6) var<storage, read> source3: array<f32>;
@group(0) @binding(7) var<storage, read> source4: array<f32>;
@group(0) @binding(8) var<storage, read> source5: array<f32>;

@compute @workgroup_size(THREADS)
fn combine(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.count) { return; }
  let row = params.row * TERMS;
  var sum = 0.0;
  if (weights[row] != 0) { sum = weights[row] * source0[at]; }
  if (weights[row + 1] != 0) { sum = fma(weights[row + 1], source1[at], sum); }
  if (weights[row + 2] != 0) { sum = fma(weights[row + 2], source2[at], sum); }
  if (weights[row + 3] != 0) { sum = fma(weights[row + 3], source3[at], sum); }
  if (weights[row + 4] != 0) { sum = fma(weights[row + 4], source4[at], sum); }
  if (weights[row + 5] != 0) { sum = fma(weights[row + 5], source5[at], sum); }
  target_values[at] = sum;
}
