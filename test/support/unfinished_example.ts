/** A video of random numbers that stopped after 7 of 20 steps. */
import type { ClipSettings } from '../../src/core/clip';
import type { Unfinished } from '../../src/generate/unfinished';
import { seededRandom } from './mutations';

export const SETTINGS: ClipSettings = {
  prompt: '一个紫色的圆环 "ring"\n',
  negativePrompt: '',
  width: 64,
  height: 96,
  frames: 9,
  steps: 20,
  solver: 'unipc',
  schedule: 'even',
  shift: 3,
  guidance: 4,
  seed: 7,
  noise: 'torch-cpu',
  decoder: 'vae',
  tokenizer: 'fast',
};
export const LATENTS = 16 * 3 * 6 * 4;
const values = (seed: number, count: number) => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: count }, () => random(2 ** 24) / 2 ** 22 - 2);
};

export function unfinishedExample(hasImage: boolean): Unfinished {
  const slots = new Map(
    (['sample', 'x0.0', 'x0.1', 'x0.2'] as const).map((slot, i) => [slot, values(i, LATENTS)] as const),
  );
  return {
    clip: {
      settings: SETTINGS,
      model: 'demo',
      modelFingerprint: 'abc',
      lorasFingerprint: hasImage ? 'def' : null,
      activation: 'f16',
      products: 'exact',
      hasImage,
      stepsDone: 7,
      steps: 20,
      savedAt: '2026-01-02T03:04:05Z',
    },
    state: { done: 7, slots, fixed: hasImage ? values(9, LATENTS / 3) : null },
    image: hasImage
      ? { width: 64, height: 96, pixels: Uint8ClampedArray.from({ length: 64 * 96 * 4 }, (_, i) => i % 251) }
      : null,
  };
}
