import { expect, test } from 'vitest';
import { expectedTensors, inferSizes, WAN22_SIZES } from '../../src/pipeline/expected_tensors';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { inspect } from '../../src/weights/inspection';
import { isUnused, NETWORKS } from '../../src/weights/tensor_names';
import { tinySource } from '../support/tiny_checkpoints';
import { WAN22_TENSORS } from '../support/wan22_tensors';

const published = expectedTensors(WAN22_SIZES);

test.for(NETWORKS)(
  'the network %s asks for the tensors of the published model, all of them and no others',
  (network) => {
    const listed = WAN22_TENSORS.filter((tensor) => tensor.network === network && !isUnused(tensor.original));
    const asked = [...published[network]].sort(([a], [b]) => (a < b ? -1 : 1));
    const known = listed.map(({ original, shape }) => [original, shape] as const).sort(([a], [b]) => (a < b ? -1 : 1));
    expect(asked).toEqual(known);
  },
);

test('sizes are told by shapes: those of the published model from its own tensors', () => {
  const tensors = new Map(WAN22_TENSORS.map(({ original, shape }) => [original, { shape }]));
  const sizes = inferSizes({ tensors } as never);
  expect(sizes).toEqual(WAN22_SIZES);
  // In one order too: results hold them as text.
  expect(JSON.stringify(sizes)).toBe(JSON.stringify(WAN22_SIZES));
});

test('what a checkpoint lacks is as in the published model', () => {
  expect(inferSizes({ tensors: new Map() })).toEqual(WAN22_SIZES);
});

const stage = (index: number) => `encoder.downsamples.${index}.downsamples`;
const stages = (count: number) => Array.from({ length: count }, (_, index) => `${stage(index)}.0.residual.2.bias`);

test.for<[what: string, most: number, names: (count: number) => string[]]>([
  ['layers in a network', 128, (count) => [`blocks.${count - 1}.modulation`]],
  ['layers in a network', 128, (count) => [`blocks.${count - 1}.attn.q.weight`]],
  ['stages in the VAE', 8, (count) => ['encoder.conv1.bias', ...stages(count)]],
  [
    'blocks in a stage of the VAE',
    16,
    (count) => ['encoder.conv1.bias', ...stages(4), `${stage(0)}.${count - 1}.residual.2.bias`],
  ],
])('names that tell of too many %s, more than %d, are refused', ([what, most, names]) => {
  const sizes = (count: number) =>
    inferSizes({ tensors: new Map(names(count).map((name) => [name, { shape: [160] }])) } as never);
  expect(sizes(most)).not.toEqual(WAN22_SIZES);
  expect(() => sizes(most + 1)).toThrow(
    expect.objectContaining({
      code: 'file-invalid',
      message: expect.stringContaining(`${most + 1} ${what}, at most ${most}`),
    }),
  );
});

test.for([
  [
    'original/umt5_tiny_enc_bf16.safetensors',
    'original/wan_tiny_dit_bf16.safetensors',
    'original/wan_tiny_vae_bf16.header',
  ],
  ['gguf/umt5-tiny-encoder-Q8_0.gguf', 'gguf/wan-tiny-dit-Q8_0.gguf', 'diffusers/vae/diffusion_pytorch_model.header'],
])('a complete checkpoint of other sizes has nothing missing, nothing unexpected: %j', async (paths) => {
  const checkpoint = joinFiles(await Promise.all(paths.map((path) => openTensorFile(tinySource(path)))));
  const { networks } = inspect(checkpoint, expectedTensors(inferSizes(checkpoint)));
  expect(networks.map(({ network }) => network)).toEqual(['text', 'dit', 'vae']);
  for (const { missing, unexpected, differing } of networks)
    expect({ missing, unexpected, differing }).toEqual({ missing: [], unexpected: [], differing: [] });
});
