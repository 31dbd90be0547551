// y[row, :] = restyle(normalise(x[row, :]))
//
// The norms of the transformers, on the f32 residual stream: LayerNorm (CENTRE 1)
// and RMS norm (CENTRE 0), each followed by what the part `restyle` does — an
// affine map, or the DiT's modulation by the timestep. One workgroup a row. The
// variance is taken about the mean in a second pass: cancellation would cost
// four digits where a row has a large mean.

const WORKGROUP: u32 = 128;
const CENTRE: u32 = 1;

struct Params {
  first_group: u32,
  channels4: u32,
  epsilon: f32,
  tokens: u32, // for the modulation: rows of one sequence,
  split: u32,  //   how timesteps are shared out (lib/timestep.wgsl),
  shift: u32,  //   and which of the block's vectors shift
  scale: u32,  //   and scale
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;                  // (rows, channels)
@group(0) @binding(2) var<storage, read_write> y: array<vec4<Result>>;     // (rows, channels)

@compute @workgroup_size(WORKGROUP)
fn row_norm(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = params.first_group + id.x;
  let first = row * params.channels4;
  let channels = f32(params.channels4 * 4);

  var mean = 0.0;
  if (CENTRE == 1) {
    var sum = 0.0;
    for (var c = lane; c < params.channels4; c += WORKGROUP) { sum += dot(x[first + c], vec4f(1)); }
    mean = row_sum(sum, lane) / channels;
  }
  var square = 0.0;
  for (var c = lane; c < params.channels4; c += WORKGROUP) {
    let v = x[first + c] - mean;
    square += dot(v, v);
  }
  let factor = inverseSqrt(row_sum(square, lane) / channels + params.epsilon);
  for (var c = lane; c < params.channels4; c += WORKGROUP) {
    y[first + c] = vec4<Result>(restyle(row, c, (x[first + c] - mean) * factor));
  }
}
