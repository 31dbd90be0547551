/** What the kernel `quantise` makes of activations, as numbers. */
import { quantise } from '../../src/kernels/quantise';
import { evaluate } from './evaluate';

export interface QuantisedNumbers {
  readonly q: Int8Array;
  readonly scales: Float32Array;
  /** scale · q. */
  readonly values: Float64Array;
}

export async function quantised(
  x: Float32Array,
  shape: readonly [number, number],
  type: 'f32' | 'f16' = 'f32',
): Promise<QuantisedNumbers> {
  const inputs = { x: { shape, type, values: x } };
  const scales = await evaluate({ activation: type }, inputs, (r, t) => quantise(r, t.x, 'x').scales);
  // Read as f32, so that their bits stay as they are.
  const words = await evaluate({ activation: type }, inputs, (r, t) => ({
    ...quantise(r, t.x, 'x').words,
    type: 'f32',
  }));
  const q = new Int8Array(words.buffer, 0, x.length);
  return { q, scales, values: Float64Array.from(q, (number, at) => number * scales[Math.floor(at / 32)]!) };
}
