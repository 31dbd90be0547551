/** Products in 8 bits: what a block then computes, and that no result is taken for one without them. */
import { expect, test } from 'vitest';
import { planBenchmark } from '../../src/bench/estimate';
import { keyOf } from '../../src/bench/key';
import { presetOf } from '../../src/bench/presets';
import { recordBlock } from '../../src/bench/work';
import { weightsName } from '../../src/core/products';
import type { GpuContext } from '../../src/gpu/context';
import type { RecorderOptions } from '../../src/gpu/program';
import { tensorBytes } from '../../src/gpu/tensor';

const clip = presetOf('64x64x5');

test('a block’s eight layers multiply in 8 bits, by half the bytes, and its attention does not', () => {
  const block = (products: RecorderOptions['products']) => {
    const { program, weights } = recordBlock(clip, { activation: 'f16', products });
    const kernels = program.commands.flatMap((command) => (command.kind === 'dispatch' ? command.shader.name : []));
    const matrices = [...weights.values()].filter(({ shape }) => shape.length === 2);
    return { kernels, bytes: matrices.reduce((sum, tensor) => sum + tensorBytes(tensor), 0), cost: program.cost };
  };
  const [exact, int8] = [block('exact'), block('int8')];
  const count = (kernels: readonly string[], name: string) => kernels.filter((kernel) => kernel === name).length;
  // Cross-attention's keys and values are made once a prompt, outside the block.
  expect([count(exact.kernels, 'matmul'), count(exact.kernels, 'matmul_int8')]).toEqual([8, 0]);
  expect([count(int8.kernels, 'matmul'), count(int8.kernels, 'matmul_int8')]).toEqual([0, 8]);
  // Six inputs: q, k and v read one.
  expect(count(int8.kernels, 'quantise')).toBe(6);
  const ofAttention = (kernels: readonly string[]) => kernels.filter((kernel) => kernel.startsWith('attention'));
  expect(ofAttention(int8.kernels)).toEqual(ofAttention(exact.kernels));
  expect(int8.bytes / exact.bytes).toBeCloseTo(34 / 64, 3);
});

test('a plan is of them: half the bytes of the transformer’s weights, and the other stages as they are', () => {
  const device = {
    machine: { software: true },
    tier: 'C',
    packedDot: true,
    matrixUnits: null,
    adapter: { info: {} },
    device: { features: new Set(), limits: {} },
  };
  const runner = { ceiling: { flopsPerSecond: 1e12, bytesPerSecond: 1e11 } };
  const context = { device, runner, tuning: { choices: () => undefined } } as unknown as GpuContext;
  const memoryOf = (products: 'exact' | 'int8') => planBenchmark(context, products).full.presets[0]!.memory;
  const [exact, int8] = [memoryOf('exact'), memoryOf('int8')];
  expect(exact.denoise!.weights / (30 * 0.29e9)).toBeCloseTo(1, 1);
  expect(int8.denoise!.weights / exact.denoise!.weights).toBeCloseTo(34 / 64, 3);
  expect([int8.encode, int8.decode]).toEqual([exact.encode, exact.decode]);
});

test('a key names them, so that no two runs agree of which one has them', () => {
  const context = { device: { machine: { software: true } } } as GpuContext;
  const key = (products: 'exact' | 'int8' | undefined, weights?: string) =>
    keyOf(context, clip, { activations: 'f16', offload: 'resident', products, ...(weights && { weights }) });
  expect(key(undefined)).toEqual(key('exact'));
  expect(key('exact')).toMatchObject({ activations: 'f16', weights: 'bf16' });
  expect(key('int8')).toMatchObject({ activations: 'f16, int8 products', weights: 'bf16 as q8_0' });
  expect(key('int8', 'q8_0')).toMatchObject({ activations: 'f16, int8 products', weights: 'q8_0' });
});

test('the name says that weights are rounded to 8 bits', () => {
  expect(weightsName('bf16 f32', 'int8')).toBe('bf16 f32 as q8_0');
});
