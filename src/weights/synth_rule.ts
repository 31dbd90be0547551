/**
 * synth-v1: weights that follow from a tensor's name and shape, so that the
 * whole network runs at its real size without a download, and two engines can
 * be compared to the last digit. Element i of a tensor is
 *
 *     k = hash(i · 0x9E3779B1 + fnv1a(name)) >> 25          0 … 127
 *     value = (factor · (k >> drop) + offset) · 2^exponent   exact in bf16 and f16
 *
 * Deviations are chosen so that activations keep their size from layer to
 * layer; norm weights lie around 1.
 */

export interface SynthRule {
  /** FNV-1a of the name. */
  readonly seed: number;
  /** 'norm': 1 + (−8 … 7)/128; 'uniform': odd multiples, −127 … 127, of 2^exponent. */
  readonly kind: 'norm' | 'uniform';
  readonly factor: number;
  readonly drop: number;
  readonly offset: number;
  readonly exponent: number;
}

const NORM = { kind: 'norm', factor: 1, drop: 3, offset: 120, exponent: -7 } as const;
const UNIFORM = { kind: 'uniform', factor: 2, drop: 0, offset: -127 } as const;

/** `headDim`: width of a head, which only the T5 `attn.q.weight` depends on: its attention is not scaled. */
export function synthRule(name: string, shape: readonly number[], headDim?: number): SynthRule {
  const seed = fnv1a(name);
  const isNorm = name.endsWith('.gamma') || (name.endsWith('.weight') && shape.length === 1);
  return isNorm ? { seed, ...NORM } : { seed, ...UNIFORM, exponent: exponentOf(name, shape, headDim) };
}

function exponentOf(name: string, shape: readonly number[], headDim: number | undefined): number {
  if (name.endsWith('.bias')) return -13;
  if (name === 'token_embedding.weight' || name.endsWith('pos_embedding.embedding.weight')) return -6;
  let fanIn = name.endsWith('modulation') ? shape.at(-1)! : shape.slice(1).reduce((product, size) => product * size, 1);
  if (name.startsWith('taehv.')) fanIn /= 2; // ReLU loses half
  // 74 · 2^exponent is the deviation of the odd multiples.
  let spread = 74 * Math.sqrt(fanIn);
  if (/(^|\.)attn\.q\.weight$/.test(name)) {
    if (!headDim) throw new Error(`${name}: its synthetic weights depend on the width of a head.`);
    spread *= Math.sqrt(headDim);
  }
  return -Math.floor(Math.log2(spread) + 0.5);
}

/** The 128 values that the elements take, by k. */
export function synthLevels({ factor, drop, offset, exponent }: SynthRule): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: 128 }, (_, k) => (factor * (k >> drop) + offset) * 2 ** exponent);
}

/** Elements [start, start + count), on the CPU: for a few rows, and as the definition the kernel is tested by. */
export function synthValues(rule: SynthRule, start: number, count: number): Float32Array<ArrayBuffer> {
  const { seed, factor, drop, offset, exponent } = rule;
  const unit = 2 ** exponent;
  return Float32Array.from(
    { length: count },
    (_, i) => (factor * ((hash(start + i, seed) >>> 25) >>> drop) + offset) * unit,
  );
}

function hash(index: number, seed: number): number {
  let h = (Math.imul(index, 0x9e3779b1) + seed) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}

export function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}
