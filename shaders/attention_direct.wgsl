// The attention of shaders/attention.wgsl for adapters that are CPUs: no workgroup
// memory and no barriers. A CPU loads lane by lane, so what counts is how few loads
// a multiply-add takes, as in lib/tile_direct.wgsl: what all of a subgroup need,
// each of its LANES fetches a part of and hands to the others.
//
// One workgroup, a subgroup, takes two queries an invocation of one head and walks
// over the keys BK at a time. While logits are made, an invocation has its own
// queries and asks for the keys; while values are summed, it has its own OVER
// vectors of the head's channels and asks for the weights of the queries.

const HEAD: u32 = 128;   // channels of a head
const LANES: u32 = 8;
const BK: u32 = 16;

const HEAD4 = HEAD / 4;
const QUERIES = 2 * LANES;
const OVER = (HEAD4 + LANES - 1) / LANES;
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
  head4: u32,        // HEAD4 again: a loop of unknown length is not unrolled, which llvmpipe compiles 3 to 5 times faster
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<vec4<Query>>;          // (batch · queries, heads · HEAD)
@group(0) @binding(2) var<storage, read> key: array<vec4<Query>>;            // (batch · keys, heads · HEAD)
@group(0) @binding(3) var<storage, read> value: array<vec4<Query>>;          // like key
@group(0) @binding(4) var<storage, read_write> result: array<vec4<Result>>;  // like query

fn logits(dots: vec4f, head: u32, query: u32, k: u32) -> vec4f {
  let at = vec4u(k, k + 1, k + 2, k + 3);
  var all = dots * params.scale + bias4(head, query, k);
  all += select(vec4f(), vec4f(params.last_key_log), at == vec4u(params.keys - 1));
  return select(vec4f(LOWEST), all, at < vec4u(params.keys));
}

fn largest(v: vec4f) -> f32 {
  return max(max(v.x, v.y), max(v.z, v.w));
}

@compute @workgroup_size(LANES)
fn attention_direct(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = params.first_group + id.x;
  let groups_of_head = (params.queries + QUERIES - 1) / QUERIES;
  let head = (group / groups_of_head) % params.heads;
  let batch = group / (groups_of_head * params.heads);
  let first_query = (group % groups_of_head) * QUERIES;
  let column = head * HEAD4;
  let query0 = batch * params.queries * params.query_stride4 + column;
  let key0 = batch * params.keys * params.key_stride4 + column;
  let over = (lane * OVER) % HEAD4; // small heads leave invocations over: they repeat what others do

  let own0 = min(first_query + lane, params.queries - 1);
  let own1 = min(first_query + LANES + lane, params.queries - 1);

  // Of the two queries: largest logit, sum of weights, and the weights of a round; of all queries: sums of values.
  var highest = vec2f(LOWEST);
  var total = vec2f();
  var weights: array<vec2f, BK>;
  var sums: array<vec4f, QUERIES * OVER>; // unroll
  for (var k = 0u; k < params.keys; k += BK) {
    var dots0: array<f32, BK>; // unroll
    var dots1: array<f32, BK>; // unroll
    for (var j = 0u; j < BK; j++) { // unroll
      dots0[j] = 0; // Dawn does not set what a loop declares back to zero
      dots1[j] = 0;
    }
    for (var c = 0u; c < params.head4; c++) {
      var mine: array<vec4f, BK / LANES>; // unroll, set once
      for (var j = 0u; j < BK / LANES; j++) { // unroll
        mine[j] = vec4f(key[key0 + min(k + j * LANES + lane, params.keys - 1) * params.key_stride4 + c]);
      }
      let q0 = vec4f(query[query0 + own0 * params.query_stride4 + c]);
      let q1 = vec4f(query[query0 + own1 * params.query_stride4 + c]);
      for (var j = 0u; j < BK; j++) { // unroll
        let other = subgroupBroadcast(mine[j / LANES], j % LANES);
        dots0[j] += q0.x * other.x + q0.y * other.y + q0.z * other.z + q0.w * other.w;
        dots1[j] += q1.x * other.x + q1.y * other.y + q1.z * other.z + q1.w * other.w;
      }
    }

    var most = highest;
    for (var j = 0u; j < BK; j += 4) { // unroll
      let four0 = logits(vec4f(dots0[j], dots0[j + 1], dots0[j + 2], dots0[j + 3]), head, own0, k + j);
      let four1 = logits(vec4f(dots1[j], dots1[j + 1], dots1[j + 2], dots1[j + 3]), head, own1, k + j);
      most = max(most, vec2f(largest(four0), largest(four1)));
      weights[j] = vec2f(four0.x, four1.x);
      weights[j + 1] = vec2f(four0.y, four1.y);
      weights[j + 2] = vec2f(four0.z, four1.z);
      weights[j + 3] = vec2f(four0.w, four1.w);
    }
    let shrink = exp(highest - most);
    highest = most;
    total *= shrink;
    // Of unknown length, so that llvmpipe does not unroll what follows: it takes five times as long to compile.
    let round = min(BK, params.keys - k);
    for (var j = 0u; j < round; j++) {
      weights[j] = exp(weights[j] - most);
      total += weights[j];
    }

    for (var i = 0u; i < LANES; i++) { // unroll
      let factors = subgroupBroadcast(vec4f(shrink, 0, 0), i);
      for (var j = 0u; j < OVER; j++) { // unroll
        sums[i * OVER + j] *= factors.x;
        sums[(LANES + i) * OVER + j] *= factors.y;
      }
    }
    for (var at = 0u; at < round; at++) {
      var own: array<vec4f, OVER>; // unroll, set once
      for (var j = 0u; j < OVER; j++) { // unroll
        own[j] = vec4f(value[key0 + (k + at) * params.key_stride4 + over + j]);
      }
      let mine = vec4f(weights[at], 0, 0);
      for (var i = 0u; i < LANES; i++) { // unroll
        let pair = subgroupBroadcast(mine, i);
        for (var j = 0u; j < OVER; j++) { // unroll
          sums[i * OVER + j] += pair.x * own[j];
          sums[(LANES + i) * OVER + j] += pair.y * own[j];
        }
      }
    }
  }

  // Stored in a loop: written out, this would be half of what there is to compile.
  var means: array<vec4f, QUERIES * OVER>;
  for (var i = 0u; i < LANES; i++) { // unroll
    let totals = subgroupBroadcast(vec4f(total, 0, 0), i);
    for (var j = 0u; j < OVER; j++) { // unroll
      means[i * OVER + j] = sums[i * OVER + j] / totals.x;
      means[(LANES + i) * OVER + j] = sums[(LANES + i) * OVER + j] / totals.y;
    }
  }
  let count = min(QUERIES, params.queries - first_query) * OVER;
  for (var i = 0u; i < count; i++) {
    let at = query0 + (first_query + i / OVER) * params.query_stride4 + over + i % OVER;
    result[at] = vec4<Result>(means[i]);
  }
}
