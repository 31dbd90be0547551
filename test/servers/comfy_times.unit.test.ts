/** Stage times by the moments of messages, against sums done by hand. */
import { expect, test } from 'vitest';
import { profiledSeconds } from '../../src/core/profiled_stages';
import { comfyStages } from '../../src/servers/comfy_times';

const NODES = ['unet', 'clip', 'positive', 'negative', 'sampler', 'decode', 'save', null].map((node, i) => ({
  node,
  atMs: [0, 1000, 1500, 1700, 2000, 10_000, 13_000, 13_100][i]!,
}));
const STEPS = [1, 2, 3, 4].map((step) => ({ step, atMs: [0, 5000, 6000, 7500, 9000][step]! }));
const TIMES = { nodes: NODES, steps: STEPS, gaps: [], totalSeconds: 13.2, wallSeconds: 13.4 };

test('nodes last until the next begins, and the first step is apart', () => {
  const { init, encode, step, decode, total, wall, image } = comfyStages(TIMES);
  expect([init!.seconds, encode!.seconds, decode!.seconds, total!.seconds, wall!.seconds]).toEqual([
    1.5, 0.5, 3, 13.2, 13.4,
  ]);
  expect(step).toEqual({ kind: 'measured', seconds: 1.5, samples: [1, 1.5, 1.5], warmUp: [3] });
  expect(image).toBeNull();
});

test('a first step alone is no sample', () => {
  const { step } = comfyStages({ ...TIMES, steps: STEPS.slice(0, 1) });
  expect(step).toEqual({ kind: 'derived', seconds: 3, samples: [], warmUp: [3] });
});

test('what a gap lies in is not known', () => {
  const { encode, step, decode } = comfyStages({ ...TIMES, gaps: [6500, 11_000] });
  expect([encode!.seconds, decode, step!.samples]).toEqual([0.5, null, [1, 1.5]]);
  const lost = comfyStages({ ...TIMES, steps: STEPS.filter(({ step: each }) => each !== 2) });
  expect(lost.step!.samples).toEqual([1.5]);
  expect(comfyStages({ ...TIMES, nodes: [], steps: [] })).toMatchObject({
    init: null,
    encode: null,
    step: null,
    decode: null,
  });
});

test('a profiler’s durations are known with and without the pipeline’s name', () => {
  const named = {
    'WanPipeline.forward': 9,
    'WanPipeline.text_encoder.forward': 1,
    'WanPipeline.tokenizer.forward': 0.1,
  };
  expect(profiledSeconds({ ...named, 'WanPipeline.diffuse': 6, 'WanPipeline.vae.decode': 2 })).toEqual({
    total: 9,
    encode: 1,
    denoise: 6,
    decode: 2,
  });
  const bare = { 'text_encoder.forward': 0.2, 'tokenizer.forward': 0.1, diffuse: 1.5, 'vae.encode': 0.3 };
  expect(profiledSeconds({ ...bare, stage_0_gen_ms: 4000 })).toEqual({ encode: 0.2, denoise: 1.5, image: 0.3 });
  expect(profiledSeconds({ diffuse: Number.NaN, 'vae.decode': '2', forward: -1 })).toEqual({});
  expect(profiledSeconds(null)).toEqual({});
});
