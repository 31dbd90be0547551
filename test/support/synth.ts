import { synthRule, synthValues } from '../../src/weights/synth_rule';

/** All values of a synthetic tensor. */
export function synth(name: string, shape: readonly number[], headDim?: number): Float32Array<ArrayBuffer> {
  const count = shape.reduce((product, size) => product * size, 1);
  return synthValues(synthRule(name, shape, headDim), 0, count);
}
