// value · (1 + scale) + shift; both are a row of the block's modulation plus a
// row of the timestep's vector. A block has six such rows, the head two that
// share one row of the timestep.
const TIMESTEP_ROWS: u32 = 6;

@group(0) @binding(3) var<storage, read> modulation: array<vec4f>; // (6 or 2, channels)
@group(0) @binding(4) var<storage, read> timestep: array<vec4f>;   // (vectors, TIMESTEP_ROWS, channels)

fn restyle(row: u32, c: u32, value: vec4f) -> vec4f {
  let vector = timestep_vector(row, params.tokens, params.split) * TIMESTEP_ROWS;
  let scale = modulation[params.scale * params.channels4 + c] + timestep[(vector + min(params.scale, TIMESTEP_ROWS - 1)) * params.channels4 + c];
  let shift = modulation[params.shift * params.channels4 + c] + timestep[(vector + min(params.shift, TIMESTEP_ROWS - 1)) * params.channels4 + c];
  return value * (1 + scale) + shift;
}
