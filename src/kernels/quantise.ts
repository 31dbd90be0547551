/** Activations as the product of 8-bit numbers reads them: blocks of 32 of a row, with a scale for each. */
import block from '../../shaders/lib/quantise_block.wgsl?raw';
import source from '../../shaders/quantise.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, type Tensor } from '../gpu/tensor';
import { activationType, compose, words } from './kernel';

/** Neighbours of a row that share a scale, as in q8_0. */
export const BLOCK = 32;
/** Bytes an element: one, and its part of the scale. */
export const QUANTISED_BYTES = 1 + ELEMENT_BYTES.f32 / BLOCK;
const THREADS = 64;

export interface Quantised {
  /** (rows, depth / 4) u32: four numbers q of 8 bits with a sign in each; x ≈ scale · q. */
  readonly words: Tensor;
  /** (rows, depth / 32) f32: the largest magnitude of the block, over 127. */
  readonly scales: Tensor;
}

/**
 * x (rows, depth), f32 or f16, each block of 32 rounded to whole multiples of its scale. Throws AppError shape-mismatch
 * where a row is no whole number of blocks. What was made of the same x just before is used again: q, k and v read one.
 */
export function quantise(r: Recorder, x: Tensor, label: string): Quantised {
  const known = madeBefore(r, x);
  if (known) return known;
  const [rows = 0, depth = 0] = x.shape;
  if (x.shape.length !== 2 || depth % BLOCK !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: [${x.shape}] in blocks of ${BLOCK}: rows must be whole numbers of them.`,
    );
  const quantised: Quantised = {
    words: r.tensor(`${label} in 8 bits`, [rows, depth / 4], 'u32'),
    scales: r.tensor(`${label} scales`, [rows, depth / BLOCK], 'f32'),
  };
  const blocks = elements(x.shape) / BLOCK;
  r.dispatch({
    label,
    shader: compose({ name: 'quantise', source, types: { Left: activationType(x) }, parts: [block] }),
    bindings: { 1: x, 2: quantised.words, 3: quantised.scales },
    params: words(blocks),
    groups: Math.ceil(blocks / THREADS),
    cost: quantiseCost(x),
  });
  return quantised;
}

/** Of `x` as it is now: nothing but products has been recorded since, and none of them wrote into it. */
function madeBefore({ commands }: Recorder, x: Tensor): Quantised | undefined {
  for (let at = commands.length - 1; at >= 0; at--) {
    const command = commands[at]!;
    if (command.kind !== 'dispatch') return undefined;
    const { shader, bindings } = command;
    if (shader.name === 'quantise') {
      if (isSame(bindings[1]!, x)) return { words: bindings[2]!, scales: bindings[3]! };
    } else if (!shader.name.startsWith('matmul') || bindings[3]!.storage === x.storage) return undefined;
  }
  return undefined;
}

const isSame = (a: Tensor, b: Tensor): boolean =>
  a.storage === b.storage && a.offsetBytes === b.offsetBytes && a.type === b.type && `${a.shape}` === `${b.shape}`;

/** A magnitude, a comparison and a rounded product for each number. */
export function quantiseCost(x: Tensor): Cost {
  const count = elements(x.shape);
  return { flops: flops(4 * count), bytes: bytes(count * (ELEMENT_BYTES[x.type] + QUANTISED_BYTES)) };
}
