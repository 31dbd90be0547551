import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from '../support/command_line';
import { layerValues, loraFile } from '../support/lora_file';
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

test('inspect tells of a LoRA its layers, ranks and dialect, what it does not use, and whether it fits', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wanscope-inspect-lora-'));
  try {
    const layers = [
      layerValues('blocks.0.self_attn.q.weight', [3072, 3072], 4, 1, 2),
      layerValues('blocks.29.ffn.2.weight', [3072, 14336], 8, 2, 2),
    ];
    const norm = { name: 'blocks.0.norm3.bias', shape: [3072], values: new Float32Array(3072) };
    const write = async (name: string, ...file: Parameters<typeof loraFile>) => {
      const source = loraFile(...file);
      writeFileSync(join(folder, name), await source.read(0, source.bytes));
      return join(folder, name);
    };
    const good = run('inspect', await write('a.safetensors', 'kohya', layers, [norm]));
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toMatch(/^LoRA for the transformer: 2 layers of rank 4, 8, 668 kB$/m);
    expect(good.stdout).toMatch(/^ +names +kohya names$/m);
    expect(good.stdout).toMatch(/^ +type +F32 +5 tensors/m);
    expect(good.stdout).toMatch(/^ +adds +to 1 tensors themselves$/m);
    expect(good.stdout).toMatch(/^ +fits +the transformer/m);
    expect(good.stdout).not.toMatch(/no known network/);

    const wide = [layerValues('blocks.0.self_attn.q.weight', [5120, 5120], 4, 1)];
    const wrong = JSON.parse(run('inspect', await write('b.safetensors', 'diffusers', wide), '--json').stdout);
    expect(wrong.lora).toMatchObject({ dialect: 'diffusers', layers: 1, ranks: [4], unknown: [], textEncoder: [] });
    expect(wrong.lora.trouble).toMatch(/5120.*3072/);
    expect(wrong).toMatchObject({ networks: [], others: [] });
  } finally {
    rmSync(folder, { recursive: true });
  }
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
