// result[q, h, :] = softmax_k(scale · query[q, h, :]·key[k, h, :] + bias) · value[k, h, :]
//
// Flash attention (Dao et al., 2022): one workgroup takes BQ queries of one head
// and walks over the keys BK at a time, keeping a running maximum and sum for each
// query, so the scores are never stored. Both products are tiled as in
// lib/tile.wgsl: query·key in slices of SLICE channels, probabilities·value in
// slices of SLICE keys. An invocation has TQ queries; of their scores it makes four
// keys, of their results HEAD / TX channels, so that what it knows of a query, the
// maximum and the sum, serves both.
//
// The last key may stand for many: its logit is raised by log(multiplicity).

const HEAD: u32 = 128;   // channels of a head: 16, 32, 64 or 128
const BQ: u32 = 64;      // queries and
const BK: u32 = 64;      //   keys of one round; no more keys than channels
const TQ: u32 = 8;       // queries of one invocation, a multiple of 4
const SLICE: u32 = 16;   // channels, or keys, staged at a time
const STEPS: u32 = 16;   // of a slice that are written out; the rest is a loop

const TX = BK / 4;
const TY = BQ / TQ;
const THREADS = TX * TY;
const TQ4 = TQ / 4;
const TC4 = HEAD / TX / 4; // vec4s of the result an invocation owns in each of its rows
const HEAD4 = HEAD / 4;
const SLICE4 = SLICE / 4;
const QUERY_LOADS = BQ * SLICE4 / THREADS;
const KEY_LOADS = BK * SLICE4 / THREADS;
const VALUE_LOADS = SLICE * HEAD4 / THREADS;
const QUERY_STRIDE = BQ + 4;
const KEY_STRIDE = BK + 4;
const KEYS_AT = SLICE * QUERY_STRIDE;
const VALUE_STRIDE = HEAD + 4;
const CHANCE_STRIDE = BQ / 4 + 1;
const SLICES = HEAD / SLICE;
const STAGED = max(SLICE * (QUERY_STRIDE + KEY_STRIDE), SLICE * VALUE_STRIDE);

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
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<vec4<Query>>;          // (batch · queries, heads · HEAD)
@group(0) @binding(2) var<storage, read> key: array<vec4<Query>>;            // (batch · keys, heads · HEAD)
@group(0) @binding(3) var<storage, read> value: array<vec4<Query>>;          // like key
@group(0) @binding(4) var<storage, read_write> result: array<vec4<Result>>;  // like query

var<workgroup> staged: array<f32, STAGED>;                     // one channel, or key, after the other
var<workgroup> chances: array<vec4f, BK * CHANCE_STRIDE>;      // (keys, queries)
var<workgroup> shared_rows: array<f32, BQ * TX>;               // of each query, what each of its invocations has to say

// Four channels of a row of the sequence's; rows past the end stand for the last, and count nothing.
fn query4(batch: u32, row: u32, channel4: u32) -> vec4<Query> {
  return query[(batch * params.queries + min(row, params.queries - 1)) * params.query_stride4 + channel4];
}

fn key4(batch: u32, row: u32, channel4: u32) -> vec4<Query> {
  return key[(batch * params.keys + min(row, params.keys - 1)) * params.key_stride4 + channel4];
}

fn value4(batch: u32, row: u32, channel4: u32) -> vec4<Query> {
  return value[(batch * params.keys + min(row, params.keys - 1)) * params.key_stride4 + channel4];
}

@compute @workgroup_size(THREADS)
fn attention(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = params.first_group + id.x;
  let query_tiles = (params.queries + BQ - 1) / BQ;
  let head = (group / query_tiles) % params.heads;
  let batch = group / (query_tiles * params.heads);
  let query0 = (group % query_tiles) * BQ;

  let tx = lane % TX;
  let ty = lane / TX; // has the queries (i · TY + ty) · 4 + c

  var sums: array<vec4f, TQ * TC4>; // unroll
  var highest: array<f32, TQ>; // unroll
  var totals: array<f32, TQ>; // unroll
  for (var i = 0u; i < TQ; i++) { // unroll
    highest[i] = LOWEST;
  }

  // What is staged next is on its way in registers while this slice is multiplied.
  var next_query: array<vec4<Query>, QUERY_LOADS>; // unroll
  var next_key: array<vec4<Query>, KEY_LOADS>; // unroll
  var next_value: array<vec4<Query>, VALUE_LOADS>; // unroll
  for (var i = 0u; i < QUERY_LOADS; i++) { // unroll
    let at = lane + i * THREADS;
    next_query[i] = query4(batch, query0 + at / SLICE4, head * HEAD4 + at % SLICE4);
  }
  for (var i = 0u; i < KEY_LOADS; i++) { // unroll
    let at = lane + i * THREADS;
    next_key[i] = key4(batch, at / SLICE4, head * HEAD4 + at % SLICE4);
  }
  for (var key0 = 0u; key0 < params.keys; key0 += BK) {
    var dots: array<vec4f, TQ>; // unroll
    for (var i = 0u; i < TQ; i++) { // unroll
      dots[i] = vec4f();
    }
    for (var slice = 0u; slice < SLICES; slice++) {
      for (var i = 0u; i < QUERY_LOADS; i++) { // unroll
        let at = lane + i * THREADS;
        let to = (at % SLICE4) * 4 * QUERY_STRIDE + at / SLICE4;
        staged[to] = f32(next_query[i].x);
        staged[to + QUERY_STRIDE] = f32(next_query[i].y);
        staged[to + 2 * QUERY_STRIDE] = f32(next_query[i].z);
        staged[to + 3 * QUERY_STRIDE] = f32(next_query[i].w);
      }
      for (var i = 0u; i < KEY_LOADS; i++) { // unroll
        let at = lane + i * THREADS;
        let to = KEYS_AT + (at % SLICE4) * 4 * KEY_STRIDE + at / SLICE4;
        staged[to] = f32(next_key[i].x);
        staged[to + KEY_STRIDE] = f32(next_key[i].y);
        staged[to + 2 * KEY_STRIDE] = f32(next_key[i].z);
        staged[to + 3 * KEY_STRIDE] = f32(next_key[i].w);
      }
      workgroupBarrier();
      if (slice + 1 < SLICES) {
        for (var i = 0u; i < QUERY_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_query[i] = query4(batch, query0 + at / SLICE4, head * HEAD4 + (slice + 1) * SLICE4 + at % SLICE4);
        }
        for (var i = 0u; i < KEY_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_key[i] = key4(batch, key0 + at / SLICE4, head * HEAD4 + (slice + 1) * SLICE4 + at % SLICE4);
        }
      } else {
        for (var i = 0u; i < VALUE_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_value[i] = value4(batch, key0 + at / HEAD4, head * HEAD4 + at % HEAD4);
        }
      }
      for (var run = 0u; run < SLICE / STEPS; run++) {
        for (var step = 0u; step < STEPS; step++) { // unroll
          let q = (run * STEPS + step) * QUERY_STRIDE + ty * 4;
          let k = KEYS_AT + (run * STEPS + step) * KEY_STRIDE + tx * 4;
          let keys = vec4f(staged[k], staged[k + 1], staged[k + 2], staged[k + 3]);
          var queries: array<vec4f, TQ4>; // unroll, set once
          for (var i = 0u; i < TQ4; i++) { // unroll
            queries[i] = vec4f(staged[q + i * TY * 4], staged[q + i * TY * 4 + 1], staged[q + i * TY * 4 + 2], staged[q + i * TY * 4 + 3]);
          }
          for (var i = 0u; i < TQ4; i++) { // unroll
            dots[4 * i] = fma(vec4f(queries[i].x), keys, dots[4 * i]);
            dots[4 * i + 1] = fma(vec4f(queries[i].y), keys, dots[4 * i + 1]);
            dots[4 * i + 2] = fma(vec4f(queries[i].z), keys, dots[4 * i + 2]);
            dots[4 * i + 3] = fma(vec4f(queries[i].w), keys, dots[4 * i + 3]);
          }
        }
      }
      workgroupBarrier();
    }

    let k = key0 + tx * 4;
    let keys = vec4u(k, k + 1, k + 2, k + 3);
    let raised = select(vec4f(), vec4f(params.last_key_log), keys == vec4u(params.keys - 1));
    for (var i = 0u; i < TQ4; i++) { // unroll
      for (var c = 0u; c < 4; c++) { // unroll
        let row = (i * TY + ty) * 4 + c;
        let logits = dots[4 * i + c] * params.scale + bias4(head, min(query0 + row, params.queries - 1), k) + raised;
        dots[4 * i + c] = select(vec4f(LOWEST), logits, keys < vec4u(params.keys));
        let pair = max(dots[4 * i + c].xy, dots[4 * i + c].zw);
        shared_rows[row * TX + tx] = max(pair.x, pair.y);
      }
    }
    workgroupBarrier();
    for (var i = 0u; i < TQ4; i++) { // unroll
      for (var c = 0u; c < 4; c++) { // unroll
        let row_at = ((i * TY + ty) * 4 + c) * TX;
        var most = vec4f(highest[4 * i + c]);
        for (var j = 0u; j < TX / 4; j++) { // unroll
          most = max(most, vec4f(shared_rows[row_at + 4 * j], shared_rows[row_at + 4 * j + 1], shared_rows[row_at + 4 * j + 2], shared_rows[row_at + 4 * j + 3]));
        }
        let now = max(max(most.x, most.y), max(most.z, most.w));
        let shrink = exp(highest[4 * i + c] - now);
        highest[4 * i + c] = now;
        dots[4 * i + c] = exp(dots[4 * i + c] - now);
        totals[4 * i + c] = totals[4 * i + c] * shrink + dot(dots[4 * i + c], vec4f(1));
        for (var j = 0u; j < TC4; j++) { // unroll
          sums[(4 * i + c) * TC4 + j] *= shrink;
        }
      }
      let to = tx * 4 * CHANCE_STRIDE + i * TY + ty;
      chances[to] = vec4f(dots[4 * i].x, dots[4 * i + 1].x, dots[4 * i + 2].x, dots[4 * i + 3].x);
      chances[to + CHANCE_STRIDE] = vec4f(dots[4 * i].y, dots[4 * i + 1].y, dots[4 * i + 2].y, dots[4 * i + 3].y);
      chances[to + 2 * CHANCE_STRIDE] = vec4f(dots[4 * i].z, dots[4 * i + 1].z, dots[4 * i + 2].z, dots[4 * i + 3].z);
      chances[to + 3 * CHANCE_STRIDE] = vec4f(dots[4 * i].w, dots[4 * i + 1].w, dots[4 * i + 2].w, dots[4 * i + 3].w);
    }

    for (var slice = 0u; slice < BK / SLICE; slice++) {
      for (var i = 0u; i < VALUE_LOADS; i++) { // unroll
        let at = lane + i * THREADS;
        let to = (at / HEAD4) * VALUE_STRIDE + (at % HEAD4) * 4;
        staged[to] = f32(next_value[i].x);
        staged[to + 1] = f32(next_value[i].y);
        staged[to + 2] = f32(next_value[i].z);
        staged[to + 3] = f32(next_value[i].w);
      }
      workgroupBarrier();
      if (slice + 1 < BK / SLICE) {
        for (var i = 0u; i < VALUE_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_value[i] = value4(batch, key0 + (slice + 1) * SLICE + at / HEAD4, head * HEAD4 + at % HEAD4);
        }
      } else {
        for (var i = 0u; i < QUERY_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_query[i] = query4(batch, query0 + at / SLICE4, head * HEAD4 + at % SLICE4);
        }
        for (var i = 0u; i < KEY_LOADS; i++) { // unroll
          let at = lane + i * THREADS;
          next_key[i] = key4(batch, key0 + BK + at / SLICE4, head * HEAD4 + at % SLICE4);
        }
      }
      for (var run = 0u; run < SLICE / STEPS; run++) {
        for (var step = 0u; step < STEPS; step++) { // unroll
          let v = (run * STEPS + step) * VALUE_STRIDE + tx * 4;
          let p = (slice * SLICE + run * STEPS + step) * CHANCE_STRIDE + ty;
          var rows: array<vec4f, TQ4>; // unroll, set once
          for (var i = 0u; i < TQ4; i++) { // unroll
            rows[i] = chances[p + i * TY];
          }
          var values: array<vec4f, TC4>; // unroll, set once
          for (var j = 0u; j < TC4; j++) { // unroll
            values[j] = vec4f(staged[v + j * TX * 4], staged[v + j * TX * 4 + 1], staged[v + j * TX * 4 + 2], staged[v + j * TX * 4 + 3]);
          }
          for (var i = 0u; i < TQ4; i++) { // unroll
            for (var j = 0u; j < TC4; j++) { // unroll
              sums[4 * i * TC4 + j] = fma(vec4f(rows[i].x), values[j], sums[4 * i * TC4 + j]);
              sums[(4 * i + 1) * TC4 + j] = fma(vec4f(rows[i].y), values[j], sums[(4 * i + 1) * TC4 + j]);
              sums[(4 * i + 2) * TC4 + j] = fma(vec4f(rows[i].z), values[j], sums[(4 * i + 2) * TC4 + j]);
              sums[(4 * i + 3) * TC4 + j] = fma(vec4f(rows[i].w), values[j], sums[(4 * i + 3) * TC4 + j]);
            }
          }
        }
      }
      workgroupBarrier();
    }
  }

  for (var i = 0u; i < TQ; i++) { // unroll
    shared_rows[(((i / 4) * TY + ty) * 4 + i % 4) * TX + tx] = totals[i];
  }
  workgroupBarrier();
  for (var i = 0u; i < TQ; i++) { // unroll
    let row = ((i / 4) * TY + ty) * 4 + i % 4;
    var whole = 0.0;
    for (var j = 0u; j < TX; j++) {
      whole += shared_rows[row * TX + j];
    }
    if (query0 + row < params.queries) {
      let to = (batch * params.queries + query0 + row) * params.query_stride4 + head * HEAD4 + tx;
      for (var j = 0u; j < TC4; j++) { // unroll
        result[to + j * TX] = vec4<Result>(sums[i * TC4 + j] / whole);
      }
    }
  }
}
