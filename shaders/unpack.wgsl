// result[i] = weight[i], decoded: four an invocation.

const THREADS: u32 = 64;

struct Params {
  first_group: u32,
  vectors: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(THREADS)
fn unpack(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at < params.vectors) { result[at] = weight4(at); }
}
