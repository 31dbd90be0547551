// y[row, :] = exp(scale · (x[row, :] − max x[row, :])) ÷ its sum over the row
//
// One workgroup a row. Subtracting the maximum keeps the exponentials at 1 or less.

const WORKGROUP: u32 = 128;

struct Params {
  first_group: u32,
  columns4: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;               // (rows, columns)
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Result>>;  // (rows, columns)

@compute @workgroup_size(WORKGROUP)
fn softmax(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (params.first_group + id.x) * params.columns4;
  var highest = x[first];
  for (var c = lane; c < params.columns4; c += WORKGROUP) { highest = max(highest, x[first + c]); }
  let top = row_max(max(max(highest.x, highest.y), max(highest.z, highest.w)), lane);

  var sum = 0.0;
  for (var c = lane; c < params.columns4; c += WORKGROUP) {
    sum += dot(exp(params.scale * (x[first + c] - top)), vec4f(1));
  }
  let share = 1 / row_sum(sum, lane);
  for (var c = lane; c < params.columns4; c += WORKGROUP) {
    y[first + c] = vec4<Result>(exp(params.scale * (x[first + c] - top)) * share);
  }
}
