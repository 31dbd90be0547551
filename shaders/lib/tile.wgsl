// The tiled product both matmul and conv are made of:
//
//   store4(row, column, Σ_k left4(row, k) · right4(column, k))
//
// One workgroup makes a BM × BN tile of the result, BK steps of depth at a time;
// one invocation makes TM × TN of it in registers. The kernel supplies left4 and
// right4 (four consecutive k, zero past the end) and store4 (four columns). The sum
// is over k from 4 · first4 to 4 · end4.
//
// Tiles lie in workgroup memory turned round, all rows of one k side by side: what
// an invocation multiplies is then two runs of fours, and no lane of a vector has
// to be moved. While one round is multiplied the next is on its way in registers.
// Four numbers of padding a k keep neighbours on other banks and fours aligned.

const BM: u32 = 64;
const BN: u32 = 64;
const BK: u32 = 16;
const TM: u32 = 4;
const TN: u32 = 4;
const STEPS: u32 = 16; // of a round that are written out; the rest is a loop

const TX = BN / TN;
const TY = BM / TM;
const THREADS = TX * TY;
const DEPTH4 = BK / 4;
const TM4 = TM / 4;
const TN4 = TN / 4;
const LEFTS = BM * DEPTH4 / THREADS;
const RIGHTS = BN * DEPTH4 / THREADS;
const LEFT_STRIDE = BM + 4;
const RIGHT_STRIDE = BN + 4;

var<workgroup> left_tile: array<Staged, BK * LEFT_STRIDE>;
var<workgroup> right_tile: array<Staged, BK * RIGHT_STRIDE>;

fn tile_product(row0: u32, column0: u32, first4: u32, end4: u32, invocation: u32) {
  // Only so can the compiler see that no index leaves workgroup memory. Its checks cost a third of the speed.
  let lane = invocation % THREADS;
  let tx = lane % TX;
  let ty = lane / TX;

  var next_left: array<vec4<Staged>, LEFTS>; // unroll
  for (var i = 0u; i < LEFTS; i++) { // unroll
    let at = lane + i * THREADS;
    next_left[i] = vec4<Staged>(left4(row0 + at / DEPTH4, first4 + at % DEPTH4));
  }
  var next_right: array<vec4<Staged>, RIGHTS>; // unroll
  for (var i = 0u; i < RIGHTS; i++) { // unroll
    let at = lane + i * THREADS;
    next_right[i] = vec4<Staged>(right4(column0 + at / DEPTH4, first4 + at % DEPTH4));
  }

  var sums: array<vec4f, TM * TN4>; // unroll
  for (var k0 = first4; k0 < end4; k0 += DEPTH4) {
    for (var i = 0u; i < LEFTS; i++) { // unroll
      let at = lane + i * THREADS;
      let to = (at % DEPTH4) * 4 * LEFT_STRIDE + at / DEPTH4;
      left_tile[to] = next_left[i].x;
      left_tile[to + LEFT_STRIDE] = next_left[i].y;
      left_tile[to + 2 * LEFT_STRIDE] = next_left[i].z;
      left_tile[to + 3 * LEFT_STRIDE] = next_left[i].w;
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      let at = lane + i * THREADS;
      let to = (at % DEPTH4) * 4 * RIGHT_STRIDE + at / DEPTH4;
      right_tile[to] = next_right[i].x;
      right_tile[to + RIGHT_STRIDE] = next_right[i].y;
      right_tile[to + 2 * RIGHT_STRIDE] = next_right[i].z;
      right_tile[to + 3 * RIGHT_STRIDE] = next_right[i].w;
    }
    workgroupBarrier();

    for (var i = 0u; i < LEFTS; i++) { // unroll
      let at = lane + i * THREADS;
      next_left[i] = vec4<Staged>(left4(row0 + at / DEPTH4, k0 + DEPTH4 + at % DEPTH4));
    }
    for (var i = 0u; i < RIGHTS; i++) { // unroll
      let at = lane + i * THREADS;
      next_right[i] = vec4<Staged>(right4(column0 + at / DEPTH4, k0 + DEPTH4 + at % DEPTH4));
    }

    for (var run = 0u; run < BK / STEPS; run++) {
      for (var step = 0u; step < STEPS; step++) { // unroll
        let l = (run * STEPS + step) * LEFT_STRIDE + ty * 4;
        let r = (run * STEPS + step) * RIGHT_STRIDE + tx * 4;
        var left: array<vec4f, TM4>; // unroll, set once
        for (var i = 0u; i < TM4; i++) { // unroll
          left[i] = vec4f(vec4(left_tile[l + i * TY * 4], left_tile[l + i * TY * 4 + 1], left_tile[l + i * TY * 4 + 2], left_tile[l + i * TY * 4 + 3]));
        }
        var right: array<vec4f, TN4>; // unroll, set once
        for (var j = 0u; j < TN4; j++) { // unroll
          right[j] = vec4f(vec4(right_tile[r + j * TX * 4], right_tile[r + j * TX * 4 + 1], right_tile[r + j * TX * 4 + 2], right_tile[r + j * TX * 4 + 3]));
        }
        for (var i = 0u; i < TM4; i++) { // unroll
          for (var j = 0u; j < TN4; j++) { // unroll
            sums[(4 * i + 0) * TN4 + j] = fma(vec4f(left[i].x), right[j], sums[(4 * i + 0) * TN4 + j]);
            sums[(4 * i + 1) * TN4 + j] = fma(vec4f(left[i].y), right[j], sums[(4 * i + 1) * TN4 + j]);
            sums[(4 * i + 2) * TN4 + j] = fma(vec4f(left[i].z), right[j], sums[(4 * i + 2) * TN4 + j]);
            sums[(4 * i + 3) * TN4 + j] = fma(vec4f(left[i].w), right[j], sums[(4 * i + 3) * TN4 + j]);
          }
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < TM4; i++) { // unroll
    for (var c = 0u; c < 4; c++) { // unroll
      for (var j = 0u; j < TN4; j++) { // unroll
        store4(row0 + (i * TY + ty) * 4 + c, column0 + (j * TX + tx) * 4, sums[(4 * i + c) * TN4 + j]);
      }
    }
  }
}
