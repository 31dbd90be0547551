// The attention of shaders/attention.wgsl for adapters that are CPUs: no workgroup
// memory and no barriers, since a CPU's caches do the sharing.
//
// One invocation takes four queries of one head and walks over the keys four at
// a time, with a running maximum and sum for each query. Written out rather than
// in loops where values should stay in registers.

const HEAD: u32 = 128;   // channels of a head
const WORKGROUP: u32 = 16;

const HEAD4 = HEAD / 4;
const LOWEST = -1e30;

struct Params {
  first_group: u32,
  queries: u32,      // of one sequence
  keys: u32,
  heads: u32,
  query_stride4: u32, // vec4s from one row to the next
  key_stride4: u32,
  scale: f32,
  last_key_log: f32,
  quads: u32,        // groups of four queries, over all heads and sequences
  head4: u32,        // HEAD4 again: a loop of unknown length is not unrolled, which llvmpipe compiles 3 to 5 times faster
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<vec4<Query>>;          // (batch · queries, heads · HEAD)
@group(0) @binding(2) var<storage, read> key: array<vec4<Query>>;            // (batch · keys, heads · HEAD)
@group(0) @binding(3) var<storage, read> value: array<vec4<Query>>;          // like key
@group(0) @binding(4) var<storage, read_write> result: array<vec4<Result>>;  // like query

fn logits(dots: vec4f, head: u32, query: u32, k: u32) -> vec4f {
  let at = vec4u(k, k + 1, k + 2, k + 3);
  var all = dots * params.scale + bias4(head, min(query, params.queries - 1), k);
  all += select(vec4f(), vec4f(params.last_key_log), at == vec4u(params.keys - 1));
  return select(vec4f(LOWEST), all, at < vec4u(params.keys));
}

fn largest(v: vec4f) -> f32 {
  return max(max(v.x, v.y), max(v.z, v.w));
}

@compute @workgroup_size(WORKGROUP)
fn attention_direct(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let quad = (params.first_group + id.x) * WORKGROUP + lane;
  if (quad >= params.quads) { return; }
  let quads_of_head = (params.queries + 3) / 4;
  let head = (quad / quads_of_head) % params.heads;
  let batch = quad / (quads_of_head * params.heads);
  let q = (quad % quads_of_head) * 4;
  let last = params.queries - 1;
  let base = batch * params.queries;
  let column = head * HEAD4;
  let query0 = (base + q) * params.query_stride4 + column;
  let query1 = (base + min(q + 1, last)) * params.query_stride4 + column;
  let query2 = (base + min(q + 2, last)) * params.query_stride4 + column;
  let query3 = (base + min(q + 3, last)) * params.query_stride4 + column;

  var sums: array<vec4f, 4 * HEAD4>;
  var highest = vec4f(LOWEST);
  var total = vec4f();
  for (var k = 0u; k < params.keys; k += 4) {
    let first = batch * params.keys;
    let end = params.keys - 1;
    let key0 = (first + k) * params.key_stride4 + column;
    let key1 = (first + min(k + 1, end)) * params.key_stride4 + column;
    let key2 = (first + min(k + 2, end)) * params.key_stride4 + column;
    let key3 = (first + min(k + 3, end)) * params.key_stride4 + column;

    var dots0 = vec4f();
    var dots1 = vec4f();
    var dots2 = vec4f();
    var dots3 = vec4f();
    for (var c = 0u; c < params.head4; c++) {
      let k0 = vec4f(key[key0 + c]);
      let k1 = vec4f(key[key1 + c]);
      let k2 = vec4f(key[key2 + c]);
      let k3 = vec4f(key[key3 + c]);
      let x = vec4f(k0.x, k1.x, k2.x, k3.x);
      let y = vec4f(k0.y, k1.y, k2.y, k3.y);
      let z = vec4f(k0.z, k1.z, k2.z, k3.z);
      let w = vec4f(k0.w, k1.w, k2.w, k3.w);
      let q0 = vec4f(query[query0 + c]);
      dots0 += q0.x * x + q0.y * y + q0.z * z + q0.w * w;
      let q1 = vec4f(query[query1 + c]);
      dots1 += q1.x * x + q1.y * y + q1.z * z + q1.w * w;
      let q2 = vec4f(query[query2 + c]);
      dots2 += q2.x * x + q2.y * y + q2.z * z + q2.w * w;
      let q3 = vec4f(query[query3 + c]);
      dots3 += q3.x * x + q3.y * y + q3.z * z + q3.w * w;
    }
    dots0 = logits(dots0, head, q, k);
    dots1 = logits(dots1, head, q + 1, k);
    dots2 = logits(dots2, head, q + 2, k);
    dots3 = logits(dots3, head, q + 3, k);

    let now = max(highest, vec4f(largest(dots0), largest(dots1), largest(dots2), largest(dots3)));
    let shrink = exp(highest - now);
    highest = now;
    let p0 = exp(dots0 - now.x);
    let p1 = exp(dots1 - now.y);
    let p2 = exp(dots2 - now.z);
    let p3 = exp(dots3 - now.w);
    total = total * shrink + vec4f(dot(p0, vec4f(1)), dot(p1, vec4f(1)), dot(p2, vec4f(1)), dot(p3, vec4f(1)));
    for (var c = 0u; c < params.head4; c++) {
      let v0 = vec4f(value[key0 + c]);
      let v1 = vec4f(value[key1 + c]);
      let v2 = vec4f(value[key2 + c]);
      let v3 = vec4f(value[key3 + c]);
      sums[4 * c] = sums[4 * c] * shrink.x + p0.x * v0 + p0.y * v1 + p0.z * v2 + p0.w * v3;
      sums[4 * c + 1] = sums[4 * c + 1] * shrink.y + p1.x * v0 + p1.y * v1 + p1.z * v2 + p1.w * v3;
      sums[4 * c + 2] = sums[4 * c + 2] * shrink.z + p2.x * v0 + p2.y * v1 + p2.z * v2 + p2.w * v3;
      sums[4 * c + 3] = sums[4 * c + 3] * shrink.w + p3.x * v0 + p3.y * v1 + p3.z * v2 + p3.w * v3;
    }
  }

  for (var i = 0u; i < min(4u, params.queries - q); i++) {
    for (var c = 0u; c < params.head4; c++) {
      result[(base + q + i) * params.query_stride4 + column + c] = vec4<Result>(sums[4 * c + i] / total[i]);
    }
  }
}
