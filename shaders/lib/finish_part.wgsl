// A sum over one part of the depth, kept beside those of the others for sum_parts.wgsl.
fn finish(row: u32, column: u32, at: u32, value: vec4f) {
  result[part * params.rows * (params.result_columns / 4) + at] = vec4<Result>(value);
}
