// The product of lib/tile.wgsl without workgroup memory, for software adapters.
// They load lane by lane and test each lane's bounds, so what counts is how few
// loads a multiply-add takes; and a barrier costs them more than it saves.
//
// Same contract: one workgroup makes a BM × BN tile; one invocation makes ROWS
// rows of it, THREADS apart. Its left operand is its own. The right one is
// everybody's: of SHARE neighbours, who are a subgroup, each fetches every
// SHARE-th column and hands it to the others, so that a weight is decoded once for
// ROWS · SHARE rows. Without subgroups SHARE is 1, and lib/alone.wgsl hands nothing on.
//
// Sums are scalars: SwiftShader keeps arrays in memory, and vectors cost it a quarter.

const BM: u32 = 32;
const BN: u32 = 16;
const ROWS: u32 = 4;
const SHARE: u32 = 8;

const THREADS = BM / ROWS;
const FOURS = ROWS * BN / 4;

fn tile_product(row0: u32, column0: u32, first4: u32, end4: u32, lane: u32) {
  var sums: array<f32, ROWS * BN>; // unroll
  for (var k = first4; k < end4; k++) {
    var mine: array<vec4f, BN / SHARE>; // unroll, set once
    for (var j = 0u; j < BN / SHARE; j++) { // unroll
      mine[j] = right4(column0 + j * SHARE + lane % SHARE, k);
    }
    var lefts: array<vec4f, ROWS>; // unroll, set once
    for (var i = 0u; i < ROWS; i++) { // unroll
      lefts[i] = vec4f(left4(row0 + i * THREADS + lane, k));
    }
    for (var j = 0u; j < BN; j++) { // unroll
      let right = subgroupBroadcast(mine[j / SHARE], j % SHARE);
      for (var i = 0u; i < ROWS; i++) { // unroll
        sums[i * BN + j] += lefts[i].x * right.x + lefts[i].y * right.y + lefts[i].z * right.z + lefts[i].w * right.w;
      }
    }
  }
  // Stored in a loop of a length that no compiler knows: written out, this would be half of what there is to compile.
  var fours: array<vec4f, FOURS>;
  for (var i = 0u; i < FOURS; i++) { // unroll
    fours[i] = vec4f(sums[i * 4], sums[i * 4 + 1], sums[i * 4 + 2], sums[i * 4 + 3]);
  }
  let count = min(FOURS, end4 * FOURS);
  for (var i = 0u; i < count; i++) {
    store4(row0 + (i / (BN / 4)) * THREADS + lane, column0 + 4 * (i % (BN / 4)), fours[i]);
  }
}
