// As many multiply-adds as the machine can do: eight independent chains of vec4
// in registers, nothing read from memory inside the loop. The roof every other
// kernel is measured against.
//
// Each chain runs x ← x · factor + offset, whose result is known in closed form.
// Drivers for GPUs do not all fuse the two by themselves (an H100 did half as many
// without `fma`), and software adapters pay dearly for the exact rounding of `fma`.

const WORKGROUP: u32 = 64;
const FUSED: u32 = 1;

struct Params {
  first_group: u32,
  rounds: u32,
  factor: f32,
  offset: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> result: array<vec4<Value>>; // (groups · WORKGROUP)

fn step(x: vec4<Value>, factor: vec4<Value>, offset: vec4<Value>) -> vec4<Value> {
  if (FUSED == 1) { return fma(x, factor, offset); }
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
    a = step(a, factor, offset);
    b = step(b, factor, offset);
    c = step(c, factor, offset);
    d = step(d, factor, offset);
    e = step(e, factor, offset);
    f = step(f, factor, offset);
    g = step(g, factor, offset);
    h = step(h, factor, offset);
    a = step(a, factor, offset);
    b = step(b, factor, offset);
    c = step(c, factor, offset);
    d = step(d, factor, offset);
    e = step(e, factor, offset);
    f = step(f, factor, offset);
    g = step(g, factor, offset);
    h = step(h, factor, offset);
  }
  result[at] = a + b + c + d + e + f + g + h;
}
