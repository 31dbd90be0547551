import { describe, expect, test } from 'vitest';
import { recogniseNames } from '../../src/weights/recognise_names';
import { NETWORKS, type Network, namings, type Scheme, vaeStageBlocks } from '../../src/weights/tensor_names';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';
import { type PublishedTensor, WAN22_TENSORS } from '../support/wan22_tensors';

const COUNTS = { text: 242, dit: 825, vae: 196, tiny: 128 };
// The tiny decoder's file has names of its own, those of the list are ours.
const nameIn = (scheme: Scheme, { network, original, theirs, gguf }: PublishedTensor) =>
  scheme === 'original' && network !== 'tiny' ? original : scheme === 'llama.cpp' ? gguf : theirs;
const of = (network: Network) => WAN22_TENSORS.filter((tensor) => tensor.network === network);
const namesIn = (network: Network, scheme: Scheme) => of(network).map((tensor) => nameIn(scheme, tensor));

describe.for(namings())(
  'the names of $network in the scheme $scheme',
  ({ network, scheme, toOriginal, fromOriginal }) => {
    test('turn into the original ones and back, each of them', () => {
      const tensors = of(network);
      expect(tensors).toHaveLength(COUNTS[network]);
      for (const tensor of tensors) {
        expect(toOriginal(nameIn(scheme, tensor))).toBe(tensor.original);
        expect(fromOriginal(tensor.original)).toBe(nameIn(scheme, tensor));
      }
    });

    test('are recognised, whatever is put before them', () => {
      for (const prefix of ['', 'model.diffusion_model.', 'diffusion_model.', 'model.', 'net.']) {
        const names = namesIn(network, scheme).map((name) => prefix + name);
        const [parts] = recogniseNames([names]);
        expect(parts).toEqual([{ network, scheme, prefix, originals: expect.any(Map) }]);
        expect([...parts![0]!.originals]).toEqual(of(network).map(({ original }, i) => [names[i], original]));
      }
    });
  },
);

test('names of several networks in one list are told apart', () => {
  const names = NETWORKS.flatMap((network) => namesIn(network, 'original'));
  const [parts] = recogniseNames([[...names, 'spiece_model']]);
  const found = parts!.map(({ network, scheme, originals }) => [network, scheme, originals.size]);
  expect(found.sort()).toEqual([
    ['dit', 'original', 825],
    ['text', 'original', 242],
    ['tiny', 'original', 128],
    ['vae', 'original', 196],
  ]);
});

test('a full ComfyUI checkpoint, each network behind its own prefix, is told apart', () => {
  const parts = recogniseNames([
    [
      ...namesIn('text', 'transformers').map((name) => `text_encoders.umt5xxl.transformer.${name}`),
      ...namesIn('dit', 'original').map((name) => `model.diffusion_model.${name}`),
      ...namesIn('vae', 'original').map((name) => `vae.${name}`),
    ],
  ]);
  expect(parts[0]!.map(({ network, scheme, prefix }) => [network, scheme, prefix])).toEqual([
    ['text', 'transformers', 'text_encoders.umt5xxl.transformer.'],
    ['dit', 'original', 'model.diffusion_model.'],
    ['vae', 'original', 'vae.'],
  ]);
});

test('a shard whose only name means two things is read as the other files are', () => {
  const shard = ['blocks.7.norm2.weight'];
  const dit = namesIn('dit', 'diffusers').filter((name) => !shard.includes(name));
  const text = namesIn('text', 'original').filter((name) => !shard.includes(name));
  expect([...recogniseNames([shard, dit])[0]![0]!.originals.values()]).toEqual(['blocks.7.norm3.weight']);
  expect([...recogniseNames([text, shard])[1]![0]!.originals.values()]).toEqual(['blocks.7.norm2.weight']);
});

test('both names of the embedding are the embedding', () => {
  for (const name of ['shared.weight', 'encoder.embed_tokens.weight'])
    expect([...recogniseNames([[name]])[0]![0]!.originals.values()]).toEqual(['token_embedding.weight']);
});

test('a VAE of other depth is named by its own count of blocks', () => {
  const blocks = { encoder: 1, decoder: 2 };
  const [vae] = namings(blocks).filter(({ network, scheme }) => network === 'vae' && scheme === 'diffusers');
  const originals = of('vae')
    .map(({ original }) => original)
    .filter((name) => !/\.downsamples\.[12]\.(?!resample|time)|\.upsamples\.2\.residual/.test(name))
    .map((name) =>
      name
        .replace(/downsamples\.2\.(resample|time)/, 'downsamples.1.$1')
        .replace(/upsamples\.3\.(resample|time)/, 'upsamples.2.$1'),
    )
    .filter((name) => !/downsamples\.\d+\.downsamples\.1\.residual/.test(name));
  const theirs = originals.map((name) => vae!.fromOriginal(name));
  expect(theirs).not.toContain(null);
  expect(vaeStageBlocks(theirs as string[])).toEqual(blocks);
  expect([...recogniseNames([theirs as string[]])[0]![0]!.originals.values()]).toEqual(originals);
});

test('names that are nearly right belong to nothing', () => {
  const names = [
    'blocks.007.modulation',
    'blocks.-1.modulation',
    'blocks.99999.modulation',
    'xblocks.0.modulation',
    'blocks.0.modulation.weight',
    'blocks.0.self_attn.q.gamma',
    'blocks.0.attn.x.weight',
    'blocks#modulation',
    '',
  ];
  expect(recogniseNames([names])).toEqual([[]]);
});

test('names of 64 KiB, made for the rules, belong to nothing and take no time', () => {
  const names = Array.from({ length: 200 }, (_, i) => `${'1a'.repeat(32_000)}${i}`);
  const before = processorSeconds();
  expect(recogniseNames([names])).toEqual([[]]);
  expect(processorSeconds() - before).toBeLessThan(MOST_SECONDS);
});
