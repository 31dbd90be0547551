import { beforeAll, describe, expect, test } from 'vitest';
import type { Golden } from '../../src/pipeline/golden';
import { relL2 } from '../support/gpu';
import { goldenFile, runGolden } from './golden_run';

describe('encoder', () => {
  let golden: Golden;
  beforeAll(async () => {
    golden = await goldenFile('tiny-vae-encode');
  });

  test.for([true, false])('gives the published latents, savings %s', async (savings) => {
    const { outputs } = await runGolden(golden, { savings });
    expect(relL2(outputs.get('out.latents')!, golden.outputs.get('out.latents')!)).toBeLessThan(golden.rtol);
  });

  test('gives a single image the first of the latents', async () => {
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
    const channels = latents.length / ((height / 16) * (width / 16));
    const all = golden.outputs.get('out.latents')!;
    const first = latents.map((_, i) => {
      const per = latents.length / channels;
      return all[Math.floor(i / per) * (all.length / channels) + (i % per)]!;
    });
    expect(relL2(latents, first)).toBeLessThan(golden.rtol);
  });
});
