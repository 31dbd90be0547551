// The product of lib/tile_int8.wgsl without workgroup memory, for software adapters.
//
// Same contract: one workgroup makes a BM × BN tile; one invocation makes 8 × 4
// of it. Its array is written out, because SwiftShader keeps arrays in memory.

const BM: u32 = 16;
const BN: u32 = 32;

const TX = BN / 4;
const THREADS = TX * (BM / 8);
const DOWN = 8;

fn tile_product(row0: u32, column0: u32, blocks: u32, lane: u32) {
  let row = row0 + (lane / TX) * DOWN;
  let column = column0 + (lane % TX) * 4;

  var sums: array<vec4f, DOWN>; // unroll
  for (var block = 0u; block < blocks; block++) {
    let a0 = right_quad(column, 2 * block);
    let a1 = right_quad(column, 2 * block + 1);
    let b0 = right_quad(column + 1, 2 * block);
    let b1 = right_quad(column + 1, 2 * block + 1);
    let c0 = right_quad(column + 2, 2 * block);
    let c1 = right_quad(column + 2, 2 * block + 1);
    let d0 = right_quad(column + 3, 2 * block);
    let d1 = right_quad(column + 3, 2 * block + 1);
    let scales = vec4f(
      right_scale(column, block), right_scale(column + 1, block), right_scale(column + 2, block), right_scale(column + 3, block),
    );
    for (var i = 0u; i < DOWN; i++) { // unroll
      let low = dots(vec4i(), left_quad(row + i, 2 * block), a0, b0, c0, d0);
      let whole = dots(low, left_quad(row + i, 2 * block + 1), a1, b1, c1, d1);
      sums[i] += (left_scale(row + i, block) * scales) * vec4f(whole);
    }
  }
  for (var i = 0u; i < DOWN; i++) { // unroll
    store4(row + i, column, sums[i]);
  }
}
