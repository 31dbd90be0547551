/** RMS norm of queries or keys over all heads, with the three-axis rotary embedding, in place. */
import source from '../../shaders/rms_rope.wgsl?raw';
import type { Cost } from '../core/cost';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { activationType, compose, expectShape, f32, words } from './kernel';
import { type RowTuning, rowParts, rowTuning } from './row';

/** The grid of tokens, and the angles' cosines and sines. */
export interface Rotary {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  /** f32 (positions, head / 2, 2); see `rotaryTable`. */
  readonly table: Tensor;
}

/** Pairs of a head turned by frame, row and column: 22, 21, 21 of 64 in the published model. */
export function rotaryPairs(head: number): readonly [number, number, number] {
  const side = Math.floor(head / 6);
  return [head / 2 - 2 * side, side, side];
}

/**
 * cos and sin of position · 10000^(−i/n) for each position and each of the n
 * pairs of an axis, as (positions, head / 2, 2). Double precision, as published.
 */
export function rotaryTable(positions: number, head: number): Float32Array<ArrayBuffer> {
  const frequencies = rotaryPairs(head).flatMap((pairs) =>
    Array.from({ length: pairs }, (_, i) => 10000 ** (-i / pairs)),
  );
  const table = new Float32Array(positions * head);
  for (let position = 0; position < positions; position++)
    frequencies.forEach((frequency, pair) => {
      table[position * head + 2 * pair] = Math.cos(position * frequency);
      table[position * head + 2 * pair + 1] = Math.sin(position * frequency);
    });
  return table;
}

export interface RmsRopeOptions {
  readonly label: string;
  readonly heads: number;
  readonly epsilon: number;
  /** Without it the norm alone is applied. */
  readonly rotary?: Rotary;
  readonly tuning?: RowTuning;
}

/** x (batch · tokens, heads · head) is normalised, weighted (channels) and rotated where it lies. */
export function rmsRope(
  r: Recorder,
  x: Tensor,
  weight: Tensor,
  { label, heads, epsilon, rotary, tuning: wanted }: RmsRopeOptions,
): void {
  const [rows = 0, channels = 0] = x.shape;
  expectShape(label, weight, [channels]);
  const head = channels / heads;
  const [framePairs, rowPairs] = rotaryPairs(head);
  const tuning = rowTuning(r, wanted);
  r.dispatch({
    label,
    shader: compose({
      name: 'rms_rope',
      source,
      types: { Value: activationType(x) },
      parts: rowParts(tuning),
      tuning: { ...tuning, ROTATE: rotary ? 1 : 0 },
    }),
    bindings: { 1: x, 2: weight, 3: rotary?.table ?? weight },
    params: words(
      channels / 4,
      f32(epsilon),
      head / 4,
      framePairs,
      rowPairs,
      rotary ? rotary.frames * rotary.height * rotary.width : 1,
      rotary?.height ?? 1,
      rotary?.width ?? 1,
    ),
    groups: rows,
    cost: rmsRopeCost(rows, channels, ELEMENT_BYTES[x.type]),
  });
}

export function rmsRopeCost(rows: number, channels: number, elementBytes: number): Cost {
  return { flops: flops(8 * rows * channels), bytes: bytes(2 * rows * channels * elementBytes) };
}
