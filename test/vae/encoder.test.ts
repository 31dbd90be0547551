import { expect, test } from 'vitest';
import { readGolden } from '../../src/pipeline/golden';
import { goldenFile } from '../support/golden_file';
import { relL2 } from '../support/gpu';
import { runGolden } from './golden_run';

test('encoder: an image gives the first latent frame of the video it begins, whatever follows', async () => {
  const golden = await readGolden(goldenFile('tiny-vae-encode'));
  const { shape, values } = golden.inputs.get('in.frames')!;
  const [colours = 0, frames = 0, height = 0, width = 0] = shape;
  const area = height * width;
  const image = Float32Array.from(
    { length: colours * area },
    (_, i) => values[Math.floor(i / area) * frames * area + (i % area)]!,
  );
  const inputs = new Map([['in.frames', { shape: [colours, 1, height, width], values: image }]]);
  const { outputs } = await runGolden({ ...golden, inputs }, {});

  const latents = outputs.get('out.latents')!;
  const all = golden.outputs.get('out.latents')!;
  const latentArea = area / 256;
  const stride = all.length / (latents.length / latentArea);
  const first = latents.map((_, i) => all[Math.floor(i / latentArea) * stride + (i % latentArea)]!);
  expect(relL2(latents, first)).toBeLessThan(1e-5);
});
