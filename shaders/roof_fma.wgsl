// As many multiply-adds as the machine can do: eight independent chains of vec4
// in registers, nothing read from memory inside the loop. The roof every other
// kernel is measured against.
//
// Each chain runs x ← x · factor + offset, whose result is known in closed form.
// Eight times a round: the loop itself costs (Tint guards loops against running
// for ever), and with two an H100 reached half of its rate.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  rounds: u32,
  factor: f32,
  offset: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<Value>>; // (groups · WORKGROUP)

fn eight(start: vec4<Value>, factor: vec4<Value>, offset: vec4<Value>) -> vec4<Value> {
  var x = start * factor + offset;
  x = x * factor + offset;
  x = x * factor + offset;
  x = x * factor + offset;
  x = x * factor + offset;
  x = x * factor + offset;
  x = x * factor + offset;
  return x * factor + offset;
}

@compute @workgroup_size(WORKGROUP)
fn roof_fma(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  let factor = vec4<Value>(Value(params.factor));
  let offset = vec4<Value>(Value(params.offset));
  var a = vec4<Value>(Value(1));
  var b = vec4<Value>(Value(2));
  var c = vec4<Value>(Value(3));
  var d = vec4<Value>(Value(4));
  var e = vec4<Value>(Value(5));
  var f = vec4<Value>(Value(6));
  var g = vec4<Value>(Value(7));
  var h = vec4<Value>(Value(8));
  for (var round = 0u; round < params.rounds; round++) {
    a = eight(a, factor, offset);
    b = eight(b, factor, offset);
    c = eight(c, factor, offset);
    d = eight(d, factor, offset);
    e = eight(e, factor, offset);
    f = eight(f, factor, offset);
    g = eight(g, factor, offset);
    h = eight(h, factor, offset);
  }
  result[at] = a + b + c + d + e + f + g + h;
}
