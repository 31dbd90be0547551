// Reads and writes every byte once: what memory can move at best.

const WORKGROUP: u32 = 256;

struct Params {
  first_group: u32,
  count: u32, // vec4s
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> source: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> target_: array<vec4f>;

@compute @workgroup_size(WORKGROUP)
fn roof_copy(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  if (at < params.count) { target_[at] = source[at]; }
}
