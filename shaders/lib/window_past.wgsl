// The frames before this chunk, laid out as they are in the window.
@group(0) @binding(4) var<storage, read> past: array<vec4<Value>>; // (past positions, channels)

fn past4(at: u32) -> vec4f {
  return vec4f(past[at]);
}
