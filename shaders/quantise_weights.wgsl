// A matrix of any stored type as q8_0 (lib/weight_q8_0.wgsl): blocks of 32 in 34 bytes
//
// One invocation makes two neighbouring blocks, which are 17 whole words. Weights
// are decoded by the part that declares `weight4`.

struct Params {
  first_group: u32,
  blocks: u32,
}

const THREADS: u32 = 64;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> target_words: array<u32>;

struct Block {
  scale: u32, // the half's bits
  low: vec4u,
  high: vec4u,
}

// To what a half holds, by hand: a driver may leave out packing and unpacking. Its
// subnormals are multiples of 2^-24, rounded up so that no number exceeds 127 steps.
fn as_half(scale: f32) -> f32 {
  let normal = bitcast<f32>((bitcast<u32>(scale) + 0x1000) & 0xffffe000);
  return select(normal, ceil(scale * 0x1p24) * 0x1p-24, scale < 0x1p-14);
}

fn block_at(index: u32) -> Block {
  let a = weight4(8 * index);
  let b = weight4(8 * index + 1);
  let c = weight4(8 * index + 2);
  let d = weight4(8 * index + 3);
  let e = weight4(8 * index + 4);
  let f = weight4(8 * index + 5);
  let g = weight4(8 * index + 6);
  let h = weight4(8 * index + 7);
  // The scale is rounded first: the numbers then belong to what will be read.
  let scale = as_half(scale_of(a, b, c, d, e, f, g, h));
  let inverse = inverse_of(scale);
  return Block(
    pack2x16float(vec2f(scale, 0)),
    vec4u(packed(a, inverse), packed(b, inverse), packed(c, inverse), packed(d, inverse)),
    vec4u(packed(e, inverse), packed(f, inverse), packed(g, inverse), packed(h, inverse)),
  );
}

@compute @workgroup_size(THREADS)
fn quantise_weights(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let pair = (params.first_group + id.x) * THREADS + lane;
  let first = 2 * pair;
  if (first >= params.blocks) { return; }
  let at = 17 * pair;
  let even = block_at(first);
  target_words[at] = even.scale | (even.low.x << 16);
  target_words[at + 1] = (even.low.x >> 16) | (even.low.y << 16);
  target_words[at + 2] = (even.low.y >> 16) | (even.low.z << 16);
  target_words[at + 3] = (even.low.z >> 16) | (even.low.w << 16);
  target_words[at + 4] = (even.low.w >> 16) | (even.high.x << 16);
  target_words[at + 5] = (even.high.x >> 16) | (even.high.y << 16);
  target_words[at + 6] = (even.high.y >> 16) | (even.high.z << 16);
  target_words[at + 7] = (even.high.z >> 16) | (even.high.w << 16);
  if (first + 1 == params.blocks) {
    target_words[at + 8] = even.high.w >> 16;
    return;
  }
  let odd = block_at(first + 1);
  target_words[at + 8] = (even.high.w >> 16) | (odd.scale << 16);
  target_words[at + 9] = odd.low.x;
  target_words[at + 10] = odd.low.y;
  target_words[at + 11] = odd.low.z;
  target_words[at + 12] = odd.low.w;
  target_words[at + 13] = odd.high.x;
  target_words[at + 14] = odd.high.y;
  target_words[at + 15] = odd.high.z;
  target_words[at + 16] = odd.high.w;
}
