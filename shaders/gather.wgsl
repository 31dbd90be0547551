// result[i, :] = table[index[i], :], decoded
//
// One invocation copies four elements; the part that declares `weight4` reads
// the table in its stored type.

struct Params {
  first_group: u32,
  rows: u32,
  width4: u32, // of a row, in vec4
}

const THREADS: u32 = 64;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> index: array<u32>;                 // (rows)
@group(0) @binding(3) var<storage, read_write> result: array<vec4<Result>>; // (rows, width)

@compute @workgroup_size(THREADS)
fn gather(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.rows * params.width4) { return; }
  let row = index[at / params.width4];
  result[at] = vec4<Result>(weight4(row * params.width4 + at % params.width4));
}
