/**
 * What each stored type means, one block at a time: the definition that the
 * shader parts are tested against, and the way of embedding rows and small
 * tensors. The table in weight_types.ts refers to these.
 *
 * Layouts and formulas: ggml's `dequantize_row_*` in `ggml-quants.c`. That code
 * works in f32; here every product and sum is exact in double precision (at
 * most 50 bits), so rounding once, on storing, gives the same bits.
 */

/** Decodes the block whose first byte is `at` into `into`, from element `to` on. */
export type BlockDecoder = (bytes: Uint8Array, at: number, into: Float32Array, to: number) => void;

/** A type whose block is one element. */
const single =
  (value: (bytes: Uint8Array, at: number) => number): BlockDecoder =>
  (bytes, at, into, to) => {
    into[to] = value(bytes, at);
  };

/** A block of `count` elements, each by its number and what is read once for the block. */
const block =
  <Head>(
    count: number,
    head: (bytes: Uint8Array, at: number) => Head,
    value: (head: Head, bytes: Uint8Array, at: number, i: number) => number,
  ): BlockDecoder =>
  (bytes, at, into, to) => {
    const once = head(bytes, at);
    for (let i = 0; i < count; i++) into[to + i] = value(once, bytes, at, i);
  };

const u16 = (bytes: Uint8Array, at: number) => bytes[at]! | (bytes[at + 1]! << 8);
const half = (bytes: Uint8Array, at: number) => decodeF16(u16(bytes, at));
const i8 = (byte: number) => (byte << 24) >> 24;

const word = new Uint32Array(1);
const float = new Float32Array(word.buffer);

function asFloat(bits: number): number {
  word[0] = bits;
  return float[0]!;
}

const decodeBf16 = (bits: number): number => asFloat(bits << 16);

/** Moves exponent and fraction to where a float has them and adds the difference of the biases; subnormals are counted. */
function decodeF16(bits: number): number {
  const magnitude = bits & 0x7fff;
  if (magnitude < 0x400) return (bits & 0x8000 ? -1 : 1) * magnitude * 2 ** -24;
  const bias = magnitude < 0x7c00 ? (127 - 15) << 23 : (255 - 31) << 23; // the last exponent stays infinity or NaN
  return asFloat(((bits & 0x8000) << 16) | ((magnitude << 13) + bias));
}

/** 1 sign, 4 exponent (bias 7), 3 fraction bits; no infinities, and one pattern of either sign is NaN. */
function decodeE4m3(bits: number): number {
  const magnitude = bits & 0x7f;
  if (magnitude === 0x7f) return Number.NaN;
  if (magnitude < 8) return (bits & 0x80 ? -1 : 1) * magnitude * 2 ** -9;
  return asFloat(((bits & 0x80) << 24) | ((magnitude << 20) + ((127 - 7) << 23)));
}

export const f32 = single((bytes, at) => asFloat(u16(bytes, at) | (u16(bytes, at + 2) << 16)));
export const f16 = single(half);
export const bf16 = single((bytes, at) => decodeBf16(u16(bytes, at)));
export const f8_e4m3 = single((bytes, at) => decodeE4m3(bytes[at]!));
/** The upper byte of a half. */
export const f8_e5m2 = single((bytes, at) => decodeF16(bytes[at]! << 8));

/** Of 32 elements in 16 bytes: the first half low, the second high. */
const nibble = (bytes: Uint8Array, at: number, i: number) => (bytes[at + (i & 15)]! >> (i < 16 ? 0 : 4)) & 15;
/** Bit i of 32, as the fifth bit of a number. */
const fifth = (bytes: Uint8Array, at: number, i: number) => ((bytes[at + (i >> 3)]! >> (i & 7)) & 1) << 4;

const scale = (bytes: Uint8Array, at: number) => ({ d: half(bytes, at) });
const scaleAndOffset = (bytes: Uint8Array, at: number) => ({ d: half(bytes, at), m: half(bytes, at + 2) });

export const q8_0 = block(32, scale, ({ d }, bytes, at, i) => d * i8(bytes[at + 2 + i]!));
export const q4_0 = block(32, scale, ({ d }, bytes, at, i) => d * (nibble(bytes, at + 2, i) - 8));
export const q4_1 = block(32, scaleAndOffset, ({ d, m }, bytes, at, i) => d * nibble(bytes, at + 4, i) + m);
export const q5_0 = block(
  32,
  scale,
  ({ d }, bytes, at, i) => d * ((nibble(bytes, at + 6, i) | fifth(bytes, at + 2, i)) - 16),
);
export const q5_1 = block(
  32,
  scaleAndOffset,
  ({ d, m }, bytes, at, i) => d * (nibble(bytes, at + 8, i) | fifth(bytes, at + 4, i)) + m,
);

// The types with a K: 256 elements, in groups of 16 or 32 whose scales are small integers times the block's own.

/** Of 256 elements in 64 bytes: each half of them in 32 bytes, two bits for each quarter of it. */
const twoBits = (bytes: Uint8Array, at: number, i: number) =>
  (bytes[at + ((i >> 7) << 5) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
/** Of 256 elements in 128 bytes: 64 of them in 32 bytes, first 32 low, then 32 high. */
const fourBits = (bytes: Uint8Array, at: number, i: number) =>
  (bytes[at + ((i >> 6) << 5) + (i & 31)]! >> (4 * ((i >> 5) & 1))) & 15;

export const q2_k = block(
  256,
  (bytes, at) => scaleAndOffset(bytes, at + 80),
  ({ d, m }, bytes, at, i) => {
    const pair = bytes[at + (i >> 4)]!;
    return d * (pair & 15) * twoBits(bytes, at + 16, i) - m * (pair >> 4);
  },
);

export const q3_k = block(
  256,
  (bytes, at) => scale(bytes, at + 108),
  ({ d }, bytes, at, i) => {
    const group = i >> 4;
    const low = (bytes[at + 96 + (group & 7)]! >> (4 * (group >> 3))) & 15;
    const high = (bytes[at + 104 + (group & 3)]! >> (2 * (group >> 2))) & 3;
    const third = (bytes[at + (i & 31)]! >> (i >> 5)) & 1;
    return d * ((low | (high << 4)) - 32) * ((twoBits(bytes, at + 32, i) | (third << 2)) - 4);
  },
);

/** Group j's pair of 6-bit numbers, of the eight pairs in 12 bytes: the first four whole, the others in their spare bits. */
function scalePair(bytes: Uint8Array, at: number, j: number): [number, number] {
  if (j < 4) return [bytes[at + j]! & 63, bytes[at + j + 4]! & 63];
  const both = bytes[at + j + 4]!;
  return [(both & 15) | ((bytes[at + j - 4]! >> 6) << 4), (both >> 4) | ((bytes[at + j]! >> 6) << 4)];
}

export const q4_k = block(256, scaleAndOffset, ({ d, m }, bytes, at, i) => {
  const [s, offset] = scalePair(bytes, at + 4, i >> 5);
  return d * s * fourBits(bytes, at + 16, i) - m * offset;
});

export const q5_k = block(256, scaleAndOffset, ({ d, m }, bytes, at, i) => {
  const [s, offset] = scalePair(bytes, at + 4, i >> 5);
  const high = (bytes[at + 16 + (i & 31)]! >> (i >> 5)) & 1;
  return d * s * (fourBits(bytes, at + 48, i) | (high << 4)) - m * offset;
});

export const q6_k = block(
  256,
  (bytes, at) => scale(bytes, at + 208),
  ({ d }, bytes, at, i) => {
    const low = (bytes[at + ((i >> 7) << 6) + (i & 63)]! >> (4 * ((i >> 6) & 1))) & 15;
    const q = (low | (twoBits(bytes, at + 128, i) << 4)) - 32;
    return d * i8(bytes[at + 192 + (i >> 4)]!) * q;
  },
);
