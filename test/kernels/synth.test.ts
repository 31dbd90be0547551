import { describe, expect, test } from 'vitest';
import { rowsOf, type Tensor } from '../../src/gpu/tensor';
import { synth } from '../../src/kernels/synth';
import { synthRule, synthValues } from '../../src/weights/synth_rule';
import { evaluate } from '../support/evaluate';
import { synth as synthOnCpu } from '../support/synth';

const TYPES = ['f32', 'f16', 'bf16'] as const;
// A norm, both signs of one odd tail, more than one workgroup, and the smallest values there are: below 2^-14 in f16.
const TENSORS: [name: string, shape: number[], headDim?: number][] = [
  ['decoder.middle.0.residual.0.gamma', [37, 1, 1, 1]],
  ['blocks.3.norm3.weight', [128]],
  ['blocks.3.self_attn.q.bias', [5]],
  ['blocks.0.attn.q.weight', [3, 4096], 64],
  ['blocks.29.ffn.2.weight', [7, 1433]],
  ['token_embedding.weight', [9, 1]],
];

describe('synth', () => {
  test.for(TENSORS)('matches the definition of %s %j to the bit, in every type', async ([name, shape, headDim]) => {
    const rule = synthRule(name, shape, headDim);
    const expected = synthOnCpu(name, shape, headDim);
    for (const type of TYPES)
      expect(await generate(shape, type, (r, t) => synth(r, t, rule, { label: name }))).toEqual(expected);
  });

  // An index whose product with the hash's factor has wrapped many times.
  test.for(TYPES)('makes a range of a large tensor, %s', async (type) => {
    const rule = synthRule('token_embedding.weight', [256384, 4096]);
    const start = 256383 * 4096;
    const actual = await generate([2, 2048], type, (r, t) => synth(r, t, rule, { label: 'row', start }));
    expect(actual).toEqual(synthValues(rule, start, 4096));
  });

  test('leaves the rest of its target alone', async () => {
    const rule = synthRule('w', [4, 64]);
    const actual = await generate([4, 64], 'f32', (r, t) => synth(r, rowsOf(t, 1, 2), rule, { label: 'w', start: 64 }));
    const expected = synthValues(rule, 0, 256);
    expected.fill(0, 0, 64).fill(0, 192);
    expect(actual).toEqual(expected);
  });
});

function generate(
  shape: readonly number[],
  type: (typeof TYPES)[number],
  build: (...args: [r: Parameters<typeof synth>[0], target: Tensor]) => void,
) {
  const count = shape.reduce((product, size) => product * size, 1);
  return evaluate(
    { activation: 'f32' },
    { target: { shape, type, values: new Float32Array(count) } },
    (r, { target }) => {
      build(r, target);
      return target;
    },
  );
}
