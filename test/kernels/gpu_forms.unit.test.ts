/**
 * What only GPUs run as it is: no software adapter has matrix units, and one would take minutes to compile rounds that
 * are written out. Dawn's null backend compiles and binds all of it, and computes nothing.
 */
import { expect, test } from 'vitest';
import { multipliesRightly, probeSource } from '../../src/gpu/matrix_probe';
import type { MatrixUnits } from '../../src/gpu/matrix_units';
import { Pipelines } from '../../src/gpu/pipelines';
import { type Recorder, record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { ATTENTION_VARIANTS, attention } from '../../src/kernels/attention';
import { MATRIX_ATTENTION_VARIANTS } from '../../src/kernels/attention_matrix';
import { matmul } from '../../src/kernels/matmul';
import { MATRIX_VARIANTS, TILE_VARIANTS } from '../../src/kernels/tile';
import { nullDevice } from '../support/null_device';

async function compile(build: (r: Recorder) => void): Promise<void> {
  const { device } = await nullDevice;
  const { program } = record('test', { activation: 'f16', matrices: true }, build);
  await new Pipelines(device).compile([program]);
}

test.for(TILE_VARIANTS)('the product compiles with %j, its rounds written out', async (tuning) => {
  const x = externalTensor('x', [70, 64], 'f32');
  const weight = externalTensor('weight', [36, 64], 'bf16');
  await expectCompiles((r) => void matmul(r, x, weight, { label: 'y', tuning }));
});

test.for([TILE_VARIANTS[1]!, ...MATRIX_VARIANTS.slice(2, 4)])(
  'so does one in parts with %j, and their sum',
  async (tile) => {
    const x = externalTensor('x', [70, 512], 'SM' in tile ? 'f16' : 'f32');
    const weight = externalTensor('weight', [36, 512], 'bf16');
    const commands = (r: Recorder) => {
      matmul(r, x, weight, { label: 'y', tuning: { ...tile, SPLIT: 4 } });
      expect(r.commands.map((command) => command.kind === 'dispatch' && command.shader.name)).toEqual([
        'matmul',
        'sum_parts',
      ]);
    };
    await expectCompiles(commands);
  },
);

test.for(ATTENTION_VARIANTS)('attention compiles with %j, its slices written out', async (tuning) => {
  const [q, k, v] = ['q', 'k', 'v'].map((name) => externalTensor(name, [70, 256], 'f32'));
  await expectCompiles((r) => void attention(r, q!, k!, v!, { label: 'y', heads: 2, tuning }));
});

test.for(MATRIX_VARIANTS)('the product compiles with %j, where the device has the workgroup memory', async (tuning) => {
  const x = externalTensor('x', [70, 64], 'f16');
  const weight = externalTensor('weight', [36, 64], 'bf16');
  await expectCompiles((r) => void matmul(r, x, weight, { label: 'y', tuning }));
});

test.for(MATRIX_ATTENTION_VARIANTS)(
  'attention compiles with %j, where the device has the workgroup memory',
  async (tuning) => {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => externalTensor(name, [70, 256], 'f16'));
    await expectCompiles((r) => void attention(r, q!, k!, v!, { label: 'y', heads: 2, tuning }));
  },
);

test('the probe of matrix units compiles, and does not take zeros for a product', async () => {
  const { device } = await nullDevice;
  const units: MatrixUnits = {
    ...{ rows: 16, columns: 16, depth: 16 },
    ...{ syntax: 'named', workgroup: 128, subgroups: 4 },
  };
  const { messages } = await device.createShaderModule({ code: probeSource(units) }).getCompilationInfo();
  expect(messages.map(({ message }) => message)).toEqual([]);
  expect(await multipliesRightly(device, units)).toBe(false);
});

/** The null backend grants the default limits alone: a kernel that needs more is refused for that and nothing else. */
async function expectCompiles(build: (r: Recorder) => void): Promise<void> {
  const failure = await compile(build).then(
    () => null,
    (error: Error) => error.message,
  );
  if (failure !== null) expect(failure).toMatch(/workgroup storage|workgroup_size/);
}
