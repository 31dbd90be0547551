/**
 * A synthetic tensor's bytes as a file stores them, from any byte on. One hash
 * and one table look-up an element: fast enough to serve ten gigabytes.
 */
import { encodeBf16, encodeF16 } from '../gpu/transfer';
import { type SynthRule, synthLevels } from '../weights/synth_rule';
import { WEIGHT_FORMATS } from '../weights/weight_types';

/** Stored types that synthetic weights come in. */
export const SYNTH_TYPES = ['bf16', 'f16', 'f32', 'q8_0'] as const;
export type SynthType = (typeof SYNTH_TYPES)[number];

const GOLDEN = 0x9e3779b1;

/** Bytes [begin, end) of the tensor, counted from its first. */
export type TensorBytes = (begin: number, end: number) => Uint8Array<ArrayBuffer>;

export function synthBytes(rule: SynthRule, type: SynthType): TensorBytes {
  const { elements, bytes: blockBytes } = WEIGHT_FORMATS[type];
  const fill = filler(rule, type);
  return (begin, end) => {
    const first = Math.floor(begin / blockBytes);
    const blocks = Math.ceil(end / blockBytes) - first;
    // Whole blocks are made; the ends that were not asked for are left out.
    return fill(first * elements, blocks).subarray(begin - first * blockBytes, end - first * blockBytes);
  };
}

type Filler = (firstElement: number, blocks: number) => Uint8Array<ArrayBuffer>;

function filler(rule: SynthRule, type: SynthType): Filler {
  const levels = synthLevels(rule);
  switch (type) {
    case 'f32':
      return look(new Uint32Array(levels.buffer), rule.seed, (count) => new Uint32Array(count));
    case 'f16':
      return look(Uint16Array.from(levels, encodeF16), rule.seed, (count) => new Uint16Array(count));
    case 'bf16':
      return look(Uint16Array.from(levels, encodeBf16), rule.seed, (count) => new Uint16Array(count));
    case 'q8_0':
      return q8(rule);
  }
}

/** synth-v1 with the hash's last step left out: it does not change the upper seven bits. */
function look<T extends Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(
  table: T,
  seed: number,
  create: (count: number) => T,
): Filler {
  return (first, count) => {
    const out = create(count);
    let start = (Math.imul(first, GOLDEN) + seed) | 0;
    for (let i = 0; i < count; i++) {
      let h = Math.imul(start ^ (start >>> 16), 0x21f0aaad);
      h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
      out[i] = table[h >>> 25]!;
      start = (start + GOLDEN) | 0;
    }
    return new Uint8Array(out.buffer);
  };
}

/** 32 signed bytes after an f16 scale; the values are whole multiples, up to ±127, of 2^exponent, and so exact. */
function q8({ kind, seed, factor, offset, exponent }: SynthRule): Filler {
  if (kind !== 'uniform') throw new Error('Norm weights are never stored in 8 bits.');
  const { elements, bytes } = WEIGHT_FORMATS.q8_0;
  const scale = encodeF16(2 ** exponent);
  return (first, blocks) => {
    const out = new Uint8Array(blocks * bytes);
    let start = (Math.imul(first, GOLDEN) + seed) | 0;
    let at = 0;
    for (let block = 0; block < blocks; block++) {
      out[at++] = scale & 255;
      out[at++] = scale >> 8;
      for (let i = 0; i < elements; i++) {
        let h = Math.imul(start ^ (start >>> 16), 0x21f0aaad);
        h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
        out[at++] = factor * (h >>> 25) + offset;
        start = (start + GOLDEN) | 0;
      }
    }
    return out;
  };
}
