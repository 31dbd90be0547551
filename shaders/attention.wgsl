// result[q, h, :] = softmax_k(scale · query[q, h, :]·key[k, h, :] + bias) · value[k, h, :]
//
// Flash attention: one workgroup takes BQ queries of one head and walks over the
// keys BK at a time, keeping a running maximum and sum for each query, so the
// scores are never stored. Three tiled products share the workgroup's memory:
// query·key in slices of SLICE channels, then probabilities·value in slices of
// SLICE4·4 keys. Rows are padded by one vec4, as in lib/tile.wgsl.
//
// The invocations of a query agree on its maximum through workgroup memory or,
// where the device has subgroups, directly (lib/attention_rows_*.wgsl).
//
// The last key may stand for many: its logit is raised by log(multiplicity).

const HEAD: u32 = 128;   // channels of a head: 16, 32, 64 or 128
const BQ: u32 = 64;      // queries and
const BK: u32 = 64;      //   keys of one round
const TQ: u32 = 4;       // queries and keys of one invocation; TK is 4, a vec4
const TK = 4u;
const SLICE: u32 = 16;   // channels staged at a time

const TX = BK / TK;
const TY = BQ / TQ;
const THREADS = TX * TY;
const HEAD4 = HEAD / 4;
const SLICE4 = SLICE / 4;
const STRIDE = SLICE4 + 1;
const SCORE_STRIDE = BK / 4 + 1;
const ROW_LANES = THREADS / BQ;          // invocations that share a query's softmax
const OWNED = BQ * HEAD4 / THREADS;      // result vec4s of one invocation, in one column
const ROWS_APART = THREADS / HEAD4;
const VALUE_KEYS = SLICE;                // keys of a slice of values
const STAGED_SIZE = max((BQ + BK) * STRIDE, VALUE_KEYS * HEAD4);

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

var<workgroup> staged: array<vec4<Query>, STAGED_SIZE>;
var<workgroup> scores: array<vec4f, BQ * SCORE_STRIDE>;
var<workgroup> totals: array<f32, THREADS>;
var<workgroup> rescale: array<f32, BQ>;

@compute @workgroup_size(THREADS)
fn attention(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let group = params.first_group + id.x;
  let query_tiles = (params.queries + BQ - 1) / BQ;
  let head = (group / query_tiles) % params.heads;
  let batch = group / (query_tiles * params.heads);
  let query0 = (group % query_tiles) * BQ;

  let tx = lane % TX;
  let ty = lane / TX;
  let row = lane / ROW_LANES;              // the query whose softmax this invocation works on
  let row_lane = lane % ROW_LANES;
  let column = lane % HEAD4;               // the vec4 of the result it owns, in rows
  let first_row = lane / HEAD4;            //   first_row, first_row + ROWS_APART, …

  var sums: array<vec4f, OWNED>;
  var highest = LOWEST;
  var total = 0.0;

  for (var key0 = 0u; key0 < params.keys; key0 += BK) {
    var dots: array<vec4f, TQ>;
    for (var i = 0u; i < TQ; i++) { dots[i] = vec4f(); }
    for (var channel = 0u; channel < HEAD4; channel += SLICE4) {
      for (var at = lane; at < BQ * SLICE4; at += THREADS) {
        let q = min(query0 + at / SLICE4, params.queries - 1);
        staged[(at / SLICE4) * STRIDE + at % SLICE4] =
          query[(batch * params.queries + q) * params.query_stride4 + head * HEAD4 + channel + at % SLICE4];
      }
      for (var at = lane; at < BK * SLICE4; at += THREADS) {
        let local = at / SLICE4;
        let k = min(key0 + local, params.keys - 1);
        // Interleaved, so that an invocation's four neighbouring keys lie on other banks than its neighbour's.
        staged[(BQ + (local % TK) * TX + local / TK) * STRIDE + at % SLICE4] =
          key[(batch * params.keys + k) * params.key_stride4 + head * HEAD4 + channel + at % SLICE4];
      }
      workgroupBarrier();
      for (var c = 0u; c < SLICE4; c++) {
        let keys = transpose(mat4x4f(
          vec4f(staged[(BQ + tx) * STRIDE + c]),
          vec4f(staged[(BQ + TX + tx) * STRIDE + c]),
          vec4f(staged[(BQ + 2 * TX + tx) * STRIDE + c]),
          vec4f(staged[(BQ + 3 * TX + tx) * STRIDE + c]),
        ));
        for (var i = 0u; i < TQ; i++) {
          let q = vec4f(staged[(i * TY + ty) * STRIDE + c]);
          dots[i] = fma(vec4f(q.x), keys[0], dots[i]);
          dots[i] = fma(vec4f(q.y), keys[1], dots[i]);
          dots[i] = fma(vec4f(q.z), keys[2], dots[i]);
          dots[i] = fma(vec4f(q.w), keys[3], dots[i]);
        }
      }
      workgroupBarrier();
    }
    for (var i = 0u; i < TQ; i++) {
      let q = i * TY + ty;
      let k = key0 + tx * TK;
      var logits = dots[i] * params.scale + bias4(head, min(query0 + q, params.queries - 1), k);
      let at = vec4u(k, k + 1, k + 2, k + 3);
      logits += select(vec4f(), vec4f(params.last_key_log), at == vec4u(params.keys - 1));
      scores[q * SCORE_STRIDE + tx] = select(vec4f(LOWEST), logits, at < vec4u(params.keys));
    }
    workgroupBarrier();

    // Softmax of each query, shared by ROW_LANES invocations that all keep its maximum.
    var most = LOWEST;
    for (var k = row_lane; k < BK / 4; k += ROW_LANES) {
      let logits = scores[row * SCORE_STRIDE + k];
      most = max(most, max(max(logits.x, logits.y), max(logits.z, logits.w)));
    }
    let now = max(highest, row_max(most, lane));
    let shrink = exp(highest - now);
    highest = now;
    var sum = 0.0;
    for (var k = row_lane; k < BK / 4; k += ROW_LANES) {
      let p = exp(scores[row * SCORE_STRIDE + k] - now);
      scores[row * SCORE_STRIDE + k] = p;
      sum += p.x + p.y + p.z + p.w;
    }
    total = total * shrink + sum;
    if (row_lane == 0) { rescale[row] = shrink; }
    workgroupBarrier();

    for (var i = 0u; i < OWNED; i++) { sums[i] *= rescale[first_row + i * ROWS_APART]; }
    for (var slice = 0u; slice < BK; slice += VALUE_KEYS) {
      for (var at = lane; at < VALUE_KEYS * HEAD4; at += THREADS) {
        let k = min(key0 + slice + at / HEAD4, params.keys - 1);
        staged[at] = value[(batch * params.keys + k) * params.key_stride4 + head * HEAD4 + at % HEAD4];
      }
      workgroupBarrier();
      for (var k = 0u; k < VALUE_KEYS; k += 4) {
        let v0 = vec4f(staged[k * HEAD4 + column]);
        let v1 = vec4f(staged[(k + 1) * HEAD4 + column]);
        let v2 = vec4f(staged[(k + 2) * HEAD4 + column]);
        let v3 = vec4f(staged[(k + 3) * HEAD4 + column]);
        for (var i = 0u; i < OWNED; i++) {
          let p = scores[(first_row + i * ROWS_APART) * SCORE_STRIDE + (slice + k) / 4];
          var s = sums[i];
          s = fma(vec4f(p.x), v0, s);
          s = fma(vec4f(p.y), v1, s);
          s = fma(vec4f(p.z), v2, s);
          s = fma(vec4f(p.w), v3, s);
          sums[i] = s;
        }
      }
      workgroupBarrier();
    }
  }

  totals[lane] = total;
  workgroupBarrier();
  for (var i = 0u; i < OWNED; i++) {
    let q = first_row + i * ROWS_APART;
    var whole = 0.0;
    for (var j = 0u; j < ROW_LANES; j++) { whole += totals[q * ROW_LANES + j]; }
    if (query0 + q < params.queries) {
      result[(batch * params.queries + query0 + q) * params.query_stride4 + head * HEAD4 + column] = vec4<Result>(sums[i] / whole);
    }
  }
}
