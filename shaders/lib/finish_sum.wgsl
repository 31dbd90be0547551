// result = addend + value: a residual connection whose input is still needed.
@group(0) @binding(5) var<storage, read> addend: array<vec4<Result>>; // like the result

fn finish(row: u32, column: u32, at: u32, value: vec4f) {
  result[at] = vec4<Result>(vec4f(addend[at]) + value);
}
