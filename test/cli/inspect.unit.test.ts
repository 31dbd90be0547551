import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from '../support/command_line';
import { safetensorsBlob } from '../support/safetensors_file';
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

describe('a name that holds commands to the terminal is shown and not sent', () => {
  const NAME = '\x1b]0;mine\x07\x7f\x9b31m';
  let folder: string;
  const path = (file: string) => join(folder, file);
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'wanscope-inspect-'));
    const one = { dtype: 'F32', shape: [1], data: Float32Array.of(1) } as const;
    const whole = new Uint8Array(await safetensorsBlob({ [NAME]: one }).arrayBuffer());
    writeFileSync(path('whole.safetensors'), whole);
    writeFileSync(
      path('odd.safetensors'),
      new Uint8Array(await safetensorsBlob({ a: one }, { [NAME]: 1 } as never).arrayBuffer()),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('in lines', () => {
    const { stdout } = run('inspect', path('whole.safetensors'));
    expect(stdout).toContain('\\u001b]0;mine\\u0007\\u007f\\u009b31m');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(stdout.split('\n').length).toBeGreaterThan(3);
  });

  test('in JSON, where it is the same name still', () => {
    const { stdout } = run('inspect', path('whole.safetensors'), '--json');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
    expect(JSON.parse(stdout).others).toEqual([expect.objectContaining({ name: NAME })]);
  });

  test('in failures', () => {
    const { stderr, status } = run('inspect', path('odd.safetensors'));
    expect(status).toBe(1);
    expect(stderr).toContain('"\\u001b]0;mine\\u0007\\u007f\\u009b31m" is a number');
    expect(stderr).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
