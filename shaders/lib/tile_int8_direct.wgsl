// The product of lib/tile_int8.wgsl without workgroup memory, for software adapters.
//
// Same contract: one workgroup makes a BM × BN tile; one invocation makes 8 × 4
// of it, a word of depth at a time: more are no faster, and llvmpipe, which writes
// each dot out as multiplications, compiles longer. Its arrays are written out,
// because SwiftShader keeps arrays in memory.

@group(0) @binding(1) var<storage, read> left: array<u32>; // (rows, depth / 4)

const BM: u32 = 16;
const BN: u32 = 32;

const TX = BN / 4;
const THREADS = TX * (BM / 8);
const DOWN = 8;

fn tile_product(row0: u32, column0: u32, blocks: u32, lane: u32) {
  let row = row0 + (lane / TX) * DOWN;
  let column = column0 + (lane % TX) * 4;
  let words = min(8u, params.depth4); // of a block: 8, which a compiler that knew would unroll

  var lefts: array<u32, DOWN>; // unroll, set once
  for (var i = 0u; i < DOWN; i++) { // unroll
    lefts[i] = min(row + i, params.rows - 1) * params.depth4;
  }
  var sums: array<vec4f, DOWN>; // unroll
  for (var block = 0u; block < blocks; block++) {
    let a = right_byte(column, block);
    let b = right_byte(column + 1, block);
    let c = right_byte(column + 2, block);
    let d = right_byte(column + 3, block);
    var wholes: array<vec4i, DOWN>; // unroll
    for (var i = 0u; i < DOWN; i++) { // unroll
      wholes[i] = vec4i();
    }
    for (var word = 0u; word < words; word++) {
      let at = 2 + 4 * word;
      let right = vec4u(word_at(a + at), word_at(b + at), word_at(c + at), word_at(d + at));
      for (var i = 0u; i < DOWN; i++) { // unroll
        wholes[i] += dots(left[lefts[i] + 8 * block + word], right);
      }
    }
    let scales = vec4f(half_at(a), half_at(b), half_at(c), half_at(d));
    for (var i = 0u; i < DOWN; i++) { // unroll
      sums[i] += (left_scale(row + i, block) * scales) * vec4f(wholes[i]);
    }
  }
  for (var i = 0u; i < DOWN; i++) { // unroll
    store4(row + i, column, sums[i]);
  }
}
