/**
 * What every test on a device needs: Dawn's GPU object, numbers to feed it, and
 * a distance to judge by. The device itself comes from src/gpu/device.ts, as in
 * the app.
 */
import { openGpu } from '../../src/cli/gpu';
import { deviation } from '../../src/core/deviation';
import { mulberry32 } from './mulberry32';

/** As the command line opens it, so that the hardware suite has what it has: f16 and matrix units on NVIDIA's. */
export const gpu: GPU = await openGpu();

/** Deterministic values in [-2, 2] that look like noise; another seed gives others. */
export function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  const bits = mulberry32(seed * 0x9e3779b9);
  return Float32Array.from({ length }, () => bits() / 2 ** 30 - 2);
}

/** ‖actual − expected‖ ÷ ‖expected‖. Infinity when anything is not finite, so that no comparison with NaN lets it pass. */
export function relL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`relL2: ${actual.length} values against ${expected.length} expected.`);
  }
  return deviation(actual, expected).relL2;
}
