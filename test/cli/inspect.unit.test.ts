import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandLine } from '../support/command_line';
import { TINY } from '../support/tiny_checkpoints';

const run = commandLine();
const tiny = (path: string) => fileURLToPath(new URL(path, TINY));

test('inspect tells each network, its names, types and sizes, and that nothing is missing', () => {
  const { status, stdout, stderr } = run('inspect', tiny('comfy'));
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^text encoder: 250 k parameters in 32 tensors, 288 kB$/m);
  expect(stdout).toMatch(/umt5_tiny_fp8_e4m3fn_scaled\.safetensors \(safetensors, transformers names\)/);
  expect(stdout).toMatch(/F8_E4M3 +21 tensors/);
  expect(stdout).toMatch(/^transformer: 593 k parameters in 69 tensors, 1\.19 MB$/m);
  expect(stdout).toMatch(/of other sizes: .*dim 128.*num_layers 2/);
  expect(stdout).not.toMatch(/num_heads 24/);
  expect(stdout.match(/all tensors that the network asks for/g)).toHaveLength(2);
  expect(stdout).toMatch(/tokenizer +in .*umt5_tiny_fp8/);
});

test('inspect --json prints one object, with all names, for the shards of a folder together', () => {
  const { status, stdout } = run('inspect', tiny('diffusers/transformer'), '--json');
  expect(status).toBe(0);
  const { networks, others } = JSON.parse(stdout);
  expect(networks).toEqual([
    expect.objectContaining({
      ...{ network: 'dit', tensors: 69, missing: [], unexpected: [], differing: [], published: false },
      types: [expect.objectContaining({ dtype: 'F32', type: 'f32', tensors: 69 })],
      sizes: expect.objectContaining({ num_layers: 2, dim: 128 }),
    }),
  ]);
  expect(networks[0].files).toHaveLength(2);
  expect(others).toEqual([]);
});
