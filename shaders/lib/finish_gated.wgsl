// result += gate · value, where the gate is a row of the block's modulation plus
// the same row of the timestep projection.
@group(0) @binding(5) var<storage, read> modulation: array<vec4f>; // (6, columns)
@group(0) @binding(6) var<storage, read> timestep: array<vec4f>;   // (vectors, 6, columns)

fn finish(row: u32, column: u32, at: u32, value: vec4f) {
  let columns4 = params.result_columns / 4;
  let vector = timestep_vector(row + params.first_row, params.tokens, params.split);
  let gate = modulation[params.gate * columns4 + column / 4] + timestep[(vector * 6 + params.gate) * columns4 + column / 4];
  result[at] = vec4<Result>(vec4f(result[at]) + gate * value);
}
