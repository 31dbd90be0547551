// attention.wgsl on matrix units, for half precision and no bias: same bindings,
// same uniform, same grid.
//
// Two subgroups of 32 work on the same 32 queries: each makes the scores of half
// of a round's keys, and then the sums of half of the channels, so that a matrix
// of keys or values is multiplied twice for each time that it is loaded. Queries
// and sums stay in matrices for the whole walk over the keys; scores go through
// workgroup memory as f32, since only there can it be told whose they are, and
// come back as probabilities in f16. Powers are of 2.
//
// Keys, and after their scores values, are staged in the same place: more keys of
// a round, and so fewer barriers, are worth more than reading ahead.
//
// A query's maximum is followed late: sums are only scaled when it has risen by
// LATE since they last were (Dao's FlashAttention 4 does so). Until then a
// probability may reach 2^LATE, which f16 holds as exactly as 1. Scaling is slow
// here, for it takes every sum through workgroup memory, and after the first keys
// it is rare.

const HEAD: u32 = 128; // channels of a head, in multiples of 32
const BQ: u32 = 64;    // queries of a workgroup, in multiples of 32
const BK: u32 = 32;    //   keys of one round, likewise

const SUBGROUPS = BQ / 16;
const THREADS = SUBGROUPS * 32;
const HEAD4 = HEAD / 4;
const HEAD16 = HEAD / 16;
const BK16 = BK / 16;
const KEYS16 = BK / 32;   // matrices of keys whose scores a subgroup makes
const SUMS16 = HEAD / 32; //   and of channels that it sums
const STRIDE = HEAD4 + 2;
const STAGED_ROWS = select(BK, BQ, BQ > BK); // keys, or values; first, queries
const LOADS = BK * HEAD4 / THREADS;
const QUERY_LOADS = BQ * HEAD4 / THREADS;
const SCORE_STRIDE = BK / 4 + BK / 32;
const SUM_STRIDE = 5;     // of sums, where scores are otherwise
const CHANCE_STRIDE = BK / 4 + 2;
const OWN4 = BK / 8;      // vec4s of half a row of scores

const LOWEST = -1e30;
const LATE = 8.0;
const LOG2E = 1.4426950408889634;

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

alias QueryMatrix = subgroup_matrix_left<f16, 16, 16>;
alias KeyMatrix = subgroup_matrix_right<f16, 16, 16>;
alias SumMatrix = subgroup_matrix_result<f32, 16, 16>;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> query: array<vec4<Query>>;          // (batch · queries, heads · HEAD)
@group(0) @binding(2) var<storage, read> key: array<vec4<Query>>;            // (batch · keys, heads · HEAD)
@group(0) @binding(3) var<storage, read> value: array<vec4<Query>>;          // like key
@group(0) @binding(4) var<storage, read_write> result: array<vec4<Result>>;  // like query

var<workgroup> staged: array<vec4<f16>, STAGED_ROWS * STRIDE>;
var<workgroup> scores: array<vec4f, BQ * SCORE_STRIDE>;
var<workgroup> chances: array<vec4<f16>, BQ * CHANCE_STRIDE>;
var<workgroup> factors: array<f32, BQ>; // what sums of a query are multiplied by
var<workgroup> risen: array<u32, SUBGROUPS>;

@compute @workgroup_size(THREADS)
fn attention_matrix(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) invocation: u32) {
  // Only so can the compiler see that no index leaves workgroup memory.
  let lane = invocation % THREADS;
  let group = params.first_group + id.x;
  let query_tiles = (params.queries + BQ - 1) / BQ;
  let head = (group / query_tiles) % params.heads;
  let batch = group / (query_tiles * params.heads);
  let query0 = (group % query_tiles) * BQ;

  let subgroup = lane / 32;
  let member = subgroup % 2;            // of the two that share queries
  let first_row = (subgroup / 2) * 32;  //   which begin here
  let row = (lane % 32) / 2;
  let half = lane % 2;
  let own_row = subgroup * 16 + row;    // the one whose softmax this invocation works on: every second vec4 of it
  let own_scores = subgroup * 16 * SCORE_STRIDE;

  for (var i = 0u; i < QUERY_LOADS; i++) { // unroll
    let at = lane + i * THREADS;
    let q = min(query0 + at / HEAD4, params.queries - 1);
    staged[(at / HEAD4) * STRIDE + at % HEAD4] =
      vec4<f16>(query[(batch * params.queries + q) * params.query_stride4 + head * HEAD4 + at % HEAD4]);
  }
  workgroupBarrier();
  var upper: array<QueryMatrix, HEAD16>; // unroll, set once
  for (var c = 0u; c < HEAD16; c++) { // unroll
    upper[c] = subgroupMatrixLoad<QueryMatrix, row_major>(&staged, first_row * STRIDE + 4 * c, STRIDE);
  }
  var lower: array<QueryMatrix, HEAD16>; // unroll, set once
  for (var c = 0u; c < HEAD16; c++) { // unroll
    lower[c] = subgroupMatrixLoad<QueryMatrix, row_major>(&staged, (first_row + 16) * STRIDE + 4 * c, STRIDE);
  }
  workgroupBarrier();

  var sums: array<SumMatrix, SUMS16 * 2>; // unroll
  var highest = LOWEST;
  var total = 0.0;
  let scale = params.scale * LOG2E;

  for (var i = 0u; i < LOADS; i++) { // unroll
    let at = lane + i * THREADS;
    let k = min(at / HEAD4, params.keys - 1);
    staged[(at / HEAD4) * STRIDE + at % HEAD4] =
      vec4<f16>(key[(batch * params.keys + k) * params.key_stride4 + head * HEAD4 + at % HEAD4]);
  }
  workgroupBarrier();

  for (var key0 = 0u; key0 < params.keys; key0 += BK) {
    for (var j = 0u; j < KEYS16; j++) { // unroll
      // Said to be zeros: a matrix that is only declared keeps what the last round left in it (Tint, 2026).
      var dots = SumMatrix();
      var lower_dots = SumMatrix();
      let column = member * KEYS16 + j;
      for (var c = 0u; c < HEAD16; c++) { // unroll
        let keys = subgroupMatrixLoad<KeyMatrix, col_major>(&staged, 16 * column * STRIDE + 4 * c, STRIDE);
        dots = subgroupMatrixMultiplyAccumulate(upper[c], keys, dots);
        lower_dots = subgroupMatrixMultiplyAccumulate(lower[c], keys, lower_dots);
      }
      let to = first_row * SCORE_STRIDE + 4 * column;
      subgroupMatrixStore<row_major>(&scores, to, dots, SCORE_STRIDE);
      subgroupMatrixStore<row_major>(&scores, to + 16 * SCORE_STRIDE, lower_dots, SCORE_STRIDE);
    }
    workgroupBarrier();

    // All are asked for before the first is waited for.
    var next_values: array<vec4<f16>, LOADS>; // unroll
    for (var i = 0u; i < LOADS; i++) { // unroll
      let at = lane + i * THREADS;
      let k = min(key0 + at / HEAD4, params.keys - 1);
      next_values[i] = vec4<f16>(value[(batch * params.keys + k) * params.key_stride4 + head * HEAD4 + at % HEAD4]);
    }
    for (var i = 0u; i < LOADS; i++) { // unroll
      let at = lane + i * THREADS;
      staged[(at / HEAD4) * STRIDE + at % HEAD4] = next_values[i];
    }

    let at = own_row * SCORE_STRIDE + half;
    var logits: array<vec4f, OWN4>; // unroll
    for (var i = 0u; i < OWN4; i++) { // unroll
      logits[i] = scores[at + 2 * i] * scale;
    }
    if (key0 + BK >= params.keys) {
      for (var i = 0u; i < OWN4; i++) { // unroll
        let k = key0 + 4 * (2 * i + half) + vec4u(0, 1, 2, 3);
        let last = select(vec4f(), vec4f(params.last_key_log * LOG2E), k == vec4u(params.keys - 1));
        logits[i] = select(vec4f(LOWEST), logits[i] + last, k < vec4u(params.keys));
      }
    }
    var most = LOWEST;
    for (var i = 0u; i < OWN4; i++) { // unroll
      most = max(most, max(max(logits[i].x, logits[i].y), max(logits[i].z, logits[i].w)));
    }
    most = max(most, subgroupShuffleXor(most, 1));
    let rises = most > highest + LATE;
    let now = select(highest, most, rises);
    let shrink = exp2(highest - now);
    highest = now;
    var sum = vec4f();
    for (var i = 0u; i < OWN4; i++) { // unroll
      let chance = vec4<f16>(exp2(logits[i] - now));
      sum += vec4f(chance); // what is summed is what is multiplied
      chances[own_row * CHANCE_STRIDE + half + 2 * i] = chance;
    }
    total = total * shrink + sum.x + sum.y + sum.z + sum.w;
    factors[own_row] = shrink;
    let any = subgroupAny(rises);
    if (lane % 32 == 0) { risen[subgroup] = select(0u, 1u, any); }

    let all_risen = workgroupUniformLoad(&risen);
    var scaling = 0u;
    for (var i = 0u; i < SUBGROUPS; i++) { // unroll
      scaling |= all_risen[i];
    }
    if (scaling != 0) {
      for (var r = 0u; r < 2; r++) { // unroll
        let factor = factors[first_row + 16 * r + row];
        for (var c = 0u; c < SUMS16; c++) { // unroll
          subgroupMatrixStore<row_major>(&scores, own_scores, sums[r * SUMS16 + c], SUM_STRIDE);
          workgroupBarrier();
          let mine = own_scores + row * SUM_STRIDE + half * 2;
          scores[mine] *= factor;
          scores[mine + 1] *= factor;
          workgroupBarrier();
          sums[r * SUMS16 + c] = subgroupMatrixLoad<SumMatrix, row_major>(&scores, own_scores, SUM_STRIDE);
          workgroupBarrier();
        }
      }
    }

    var next_keys: array<vec4<f16>, LOADS>; // unroll
    for (var i = 0u; i < LOADS; i++) { // unroll
      let at = lane + i * THREADS;
      let k = min(key0 + BK + at / HEAD4, params.keys - 1);
      next_keys[i] = vec4<f16>(key[(batch * params.keys + k) * params.key_stride4 + head * HEAD4 + at % HEAD4]);
    }

    for (var j = 0u; j < BK16; j++) { // unroll
      let from_row = first_row * CHANCE_STRIDE + 4 * j;
      let chance = subgroupMatrixLoad<QueryMatrix, row_major>(&chances, from_row, CHANCE_STRIDE);
      let lower_chance =
        subgroupMatrixLoad<QueryMatrix, row_major>(&chances, from_row + 16 * CHANCE_STRIDE, CHANCE_STRIDE);
      for (var c = 0u; c < SUMS16; c++) { // unroll
        let values =
          subgroupMatrixLoad<KeyMatrix, row_major>(&staged, 16 * j * STRIDE + 4 * (member * SUMS16 + c), STRIDE);
        sums[c] = subgroupMatrixMultiplyAccumulate(chance, values, sums[c]);
        sums[SUMS16 + c] = subgroupMatrixMultiplyAccumulate(lower_chance, values, sums[SUMS16 + c]);
      }
    }
    workgroupBarrier();

    for (var i = 0u; i < LOADS; i++) { // unroll
      let at = lane + i * THREADS;
      staged[(at / HEAD4) * STRIDE + at % HEAD4] = next_keys[i];
    }
    workgroupBarrier();
  }

  factors[own_row] = 1 / (total + subgroupShuffleXor(total, 1));
  workgroupBarrier();
  for (var r = 0u; r < 2; r++) { // unroll
    let q = query0 + first_row + 16 * r + row;
    let share = factors[first_row + 16 * r + row];
    for (var c = 0u; c < SUMS16; c++) { // unroll
      subgroupMatrixStore<row_major>(&scores, own_scores, sums[r * SUMS16 + c], SUM_STRIDE);
      workgroupBarrier();
      let mine = own_scores + row * SUM_STRIDE + half * 2;
      let to = (batch * params.queries + q) * params.query_stride4 + head * HEAD4
        + 4 * (member * SUMS16 + c) + half * 2;
      if (q < params.queries) {
        result[to] = vec4<Result>(scores[mine] * share);
        result[to + 1] = vec4<Result>(scores[mine + 1] * share);
      }
      workgroupBarrier();
    }
  }
}
