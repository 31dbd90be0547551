/**
 * What every test on a device needs: Dawn's GPU object, numbers to feed it, and
 * a distance to judge by. The device itself comes from src/gpu/device.ts, as in
 * the app.
 */
import { openGpu } from '../../src/cli/gpu';
import { deviation } from '../../src/core/deviation';

/** As the command line opens it, so that the hardware suite has what it has: f16 and matrix units on NVIDIA's. */
export const gpu: GPU = await openGpu();

/** Deterministic values in [-2, 2] that look like noise; another seed gives others. */
export function noise(length: number, seed: number): Float32Array<ArrayBuffer> {
  let state = (seed * 0x9e3779b9) >>> 0;
  return Float32Array.from({ length }, () => {
    // mulberry32: 32 bits of state, passes the usual tests, and three lines long.
    state = (state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 30 - 2;
  });
}

/** ‖actual − expected‖ ÷ ‖expected‖. Infinity when anything is not finite, so that no comparison with NaN lets it pass. */
export function relL2(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`relL2: ${actual.length} values against ${expected.length} expected.`);
  }
  return deviation(actual, expected).relL2;
}
