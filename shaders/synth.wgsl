// target[i] = element start + i of a synth-v1 tensor (src/weights/synth_rule.ts)
//
// Writes whole 32-bit words, so that every element type has one loop; the part
// that declares `word_of` packs one or two elements into each. Lanes side by
// side write words side by side: the writes are the only traffic.

struct Params {
  first_group: u32,
  words: u32,
  start: u32,    // of the target within the tensor
  seed: u32,
  factor: u32,   // value = (factor · (k >> drop) + offset) / 2^fall
  drop: u32,
  offset: u32,   // as i32
  fall: u32,
}

const THREADS: u32 = 256;
const ROUNDS: u32 = 8;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> target_words: array<u32>;

// The element's value in units of 2^-fall: at most 8 significant bits.
fn multiple(index: u32) -> i32 {
  var h = (params.start + index) * 0x9E3779B1 + params.seed;
  h = (h ^ (h >> 16)) * 0x21F0AAAD;
  h = (h ^ (h >> 15)) * 0x735A2D97;
  h ^= h >> 15;
  return i32(params.factor * ((h >> 25) >> params.drop) + params.offset);
}

// Exact: the product of a small whole number and a power of two.
fn f32_bits(index: u32) -> u32 {
  return bitcast<u32>(f32(multiple(index)) * bitcast<f32>((127 - params.fall) << 23));
}

@compute @workgroup_size(THREADS)
fn synth(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = (params.first_group + id.x) * THREADS * ROUNDS + lane;
  for (var round = 0u; round < ROUNDS; round++) {
    let word = first + round * THREADS;
    if (word < params.words) { target_words[word] = word_of(word); }
  }
}
