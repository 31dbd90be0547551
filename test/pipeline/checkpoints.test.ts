/** Checkpoints in every layout found in the wild, from disk and over HTTP, give the results their weights should. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { deviation } from '../../src/core/deviation';
import { repository } from '../../src/hub/repositories';
import { type Hub, startHub } from '../../src/hub/server';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { readGolden } from '../../src/pipeline/golden';
import { readDitConfig, readTextConfig } from '../../src/pipeline/read_config';
import { runDit, runT5 } from '../../src/pipeline/stages';
import { verifyGolden } from '../../src/pipeline/verify';
import { blobSource } from '../../src/weights/byte_source';
import { openSafetensors } from '../../src/weights/checkpoint';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { TINY } from '../support/tiny_checkpoints';

/** Files under test/checkpoints/tiny, and the golden file that their network answers. */
const DENSE: readonly [path: string, golden: string][] = [
  ['original/wan_tiny_dit_bf16.safetensors', 'tiny-dit'],
  ['original/umt5_tiny_enc_bf16.safetensors', 'tiny-t5'],
  ['original/umt5_tiny_enc_bf16.pth', 'tiny-t5'],
  ['diffusers/transformer/diffusion_pytorch_model.safetensors.index.json', 'tiny-dit'],
  ['diffusers/transformer/diffusion_pytorch_model-00002-of-00002.safetensors', 'tiny-dit'],
  ['diffusers/text_encoder/model.safetensors', 'tiny-t5'],
  ['comfy/wan_tiny_dit_fp16.safetensors', 'tiny-dit'],
];
/** Too large to be kept here: the hub makes them. */
const MADE: readonly [path: string, golden: string][] = [
  ['original/wan_tiny_vae_bf16.safetensors', 'tiny-vae-decode'],
  ['diffusers/vae/diffusion_pytorch_model.safetensors', 'tiny-vae-encode'],
];
/** Their expected results are those of the weights as rounded. */
const QUANTISED: readonly [path: string, golden: string, expected: string][] = [
  ['comfy/umt5_tiny_fp8_e4m3fn_scaled.safetensors', 'tiny-t5', 't5.fp8'],
  ['gguf/umt5-tiny-encoder-Q8_0.gguf', 'tiny-t5', 't5.q8_0'],
  ['gguf/wan-tiny-dit-Q8_0.gguf', 'tiny-dit', 'dit.q8_0'],
];

let hub: Hub;
beforeAll(async () => {
  const paths = [...DENSE, ...QUANTISED].map(([path]) => path);
  const shard = 'diffusers/transformer/diffusion_pytorch_model-00001-of-00002.safetensors';
  const files = [...paths, shard].map((path) => {
    const bytes = new Uint8Array(readFileSync(new URL(path, TINY)));
    const read = async (begin: number, end: number) => bytes.slice(begin, end);
    return { path, bytes: bytes.length, read, parts: [{ kind: 'other', begin: 0, end: bytes.length }] } as const;
  });
  hub = await startHub({ repositories: [repository('local/files', files)] });
});
afterAll(() => hub.close());

const WAYS: Record<string, (path: string) => string> = {
  'from disk': (path) => fileURLToPath(new URL(path, TINY)),
  'over HTTP': (path) => `${hub.url}/local/files/resolve/main/${path}`,
};

describe.for(Object.keys(WAYS))('%s', (way) => {
  test.for(DENSE)('%s gives the published results', async ([path, golden]) => {
    const checkpoint = await openCheckpoint(WAYS[way]!(path));
    await expectGolden(golden, checkpoint);
  });

  test.for(QUANTISED)('%s gives the results of its rounded weights', async ([path, golden, expected]) => {
    const context = await testContext();
    const source = checkpointSource(context, await openCheckpoint(WAYS[way]!(path)));
    const { config, inputs, file, stage } = await readGolden(goldenFile(golden));
    const options = { activation: 'f32', savings: true, residency: 'stream', tileBytes: 16 * 1024 } as const;
    const outputs =
      stage === 't5'
        ? await runT5(context, source, readTextConfig(config, file), inputs, options)
        : await runDit(context, source, readDitConfig(config, file), inputs, options);
    const [found] = outputs.values();
    expect(deviation(found!, await expectedValues(expected)).relL2).toBeLessThan(2e-3);
    expect(context.memory.bytes).toBe(0);
  });
});

test.for(MADE)('%s, made by the hub, gives the published results', async ([path, golden]) => {
  const checkpoint = await openCheckpoint(`${hub.url}/wanscope/tiny/resolve/main/${path}`);
  await expectGolden(golden, checkpoint);
});

async function expectGolden(golden: string, checkpoint: Awaited<ReturnType<typeof openCheckpoint>>) {
  const options = { activation: 'f32', savings: true, residency: 'stream', tileBytes: 16 * 1024 } as const;
  const rows = await verifyGolden(await testContext(), await readGolden(goldenFile(golden)), {
    ...options,
    checkpoint,
  });
  expect(rows.length).toBeGreaterThan(0);
  for (const { pass, output, note } of rows)
    expect({ output, pass, note }).toEqual({ output, pass: true, note: undefined });
}

async function expectedValues(name: string): Promise<Float32Array> {
  const bytes = readFileSync(new URL('expected-quantised.safetensors', TINY));
  const { source, tensors } = await openSafetensors(blobSource('expected', new Blob([bytes])));
  const { beginByte, endByte } = tensors.get(name)!;
  return new Float32Array((await source.read(beginByte, endByte)).buffer);
}
