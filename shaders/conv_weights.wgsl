// packed[o, tap, c] = stored[o ^ swap, c, tap]
//
// A checkpoint keeps the taps of a channel together; a convolution reads the
// channels of a tap together (conv.wgsl). Bits move, numbers are not decoded:
// one invocation makes one word of the result, which holds PER_WORD elements.
//
// Where a kernel takes two frames as channels, o counts halves of columns, and
// each two change places: the frame stored last comes first in time.

const WORKGROUP: u32 = 64;
const PER_WORD: u32 = 2;
const BITS = 32 / PER_WORD;

struct Params {
  first_group: u32,
  words: u32,
  channels: u32, // input channels: a multiple of 4, so that a word has elements of one tap
  taps: u32,
  swap: u32, // 0 or 1
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> stored: array<u32>;             // (columns, channels, taps)
@group(0) @binding(2) var<storage, read_write> packed: array<u32>;       // (columns, taps, channels)

fn element(at: u32) -> u32 {
  if (PER_WORD == 1) { return stored[at]; }
  return extractBits(stored[at / PER_WORD], (at % PER_WORD) * BITS, BITS);
}

@compute @workgroup_size(WORKGROUP)
fn conv_weights(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let word = (params.first_group + id.x) * WORKGROUP + lane;
  if (word >= params.words) { return; }
  let at = word * PER_WORD;
  let channel = at % params.channels;
  let tap = (at / params.channels) % params.taps;
  let column = at / (params.channels * params.taps);
  let first = ((column ^ params.swap) * params.channels + channel) * params.taps + tap;
  var bits = 0u;
  for (var i = 0u; i < PER_WORD; i++) { bits |= element(first + i * params.taps) << (i * BITS); }
  packed[word] = bits;
}
