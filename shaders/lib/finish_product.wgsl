// result = factor · value: the gated feed-forward of UMT5.
@group(0) @binding(5) var<storage, read> factor: array<vec4<Result>>; // like the result

fn finish(row: u32, column: u32, at: u32, value: vec4f) {
  result[at] = vec4<Result>(vec4f(factor[at]) * value);
}
