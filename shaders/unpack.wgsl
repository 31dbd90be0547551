// result[i] = weight[i], decoded.
//
// An invocation takes 32 in a row: to begin and end one costs a CPU more than four
// weights do.

const THREADS: u32 = 64;
const EACH: u32 = 8;

struct Params {
  first_group: u32,
  vectors: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(THREADS)
fn unpack(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = ((params.first_group + id.x) * THREADS + lane) * EACH;
  let end = min(first + EACH, params.vectors);
  for (var at = first; at < end; at++) {
    result[at] = weight4(at);
  }
}
