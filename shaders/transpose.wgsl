// y[column, row] = x[row, column]
//
// Neighbouring invocations read neighbouring columns; each writes four rows.

const THREADS: u32 = 64;

struct Params {
  first_group: u32,
  rows4: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<Value>;              // (rows, columns)
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Value>>;  // (columns, rows)

@compute @workgroup_size(THREADS)
fn transpose(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * THREADS + lane;
  if (at >= params.rows4 * params.columns) { return; }
  let column = at % params.columns;
  let row4 = at / params.columns;
  let first = row4 * 4 * params.columns + column;
  y[column * params.rows4 + row4] =
    vec4<Value>(x[first], x[first + params.columns], x[first + 2 * params.columns], x[first + 3 * params.columns]);
}
