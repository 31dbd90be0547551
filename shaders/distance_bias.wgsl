// bias[head, i] = weight[bucket[i], head]: UMT5's relative-position bias spread
// out by distance, so that attention adds it with one read.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  distances: u32,
  heads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> bucket: array<u32>;            // (distances)
@group(0) @binding(3) var<storage, read_write> bias: array<f32>;        // (heads, distances)

@compute @workgroup_size(WORKGROUP)
fn distance_bias(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  if (at >= params.distances * params.heads) { return; }
  let entry = bucket[at % params.distances] * params.heads + at / params.distances;
  bias[at] = weight4(entry / 4)[entry % 4];
}
