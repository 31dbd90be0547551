// As many multiply-adds as the machine can do: eight independent chains of vec4
// in registers, nothing read from memory inside the loop. The roof every other
// kernel is measured against.
//
// Each chain runs x ← x · factor + offset, whose result is known in closed form.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  rounds: u32,
  factor: f32,
  offset: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<Value>>; // (groups · WORKGROUP)

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
    a = a * factor + offset;
    b = b * factor + offset;
    c = c * factor + offset;
    d = d * factor + offset;
    e = e * factor + offset;
    f = f * factor + offset;
    g = g * factor + offset;
    h = h * factor + offset;
    a = a * factor + offset;
    b = b * factor + offset;
    c = c * factor + offset;
    d = d * factor + offset;
    e = e * factor + offset;
    f = f * factor + offset;
    g = g * factor + offset;
    h = h * factor + offset;
  }
  result[at] = a + b + c + d + e + f + g + h;
}
