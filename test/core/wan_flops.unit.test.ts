import { expect, test } from 'vitest';
import { decodeFlops, isClipShape, stepFlops, textFlops } from '../../src/core/wan_flops';
import published from '../../tools/reference/published.json';

/** As published: in TFLOP, to three places. */
const near = (flops: number, tflop: number) => expect(Math.abs(flops / 1e12 - tflop)).toBeLessThan(0.00101);

const presets = Object.entries(published.flops).map(([preset, said]) => {
  const [width = 0, height = 0, frames = 0] = preset.split('x').map(Number);
  return { preset, clip: { width, height, frames }, said };
});
const guided = { guidance: true, batch: 1 };

test('there are fifteen published presets', () => expect(presets).toHaveLength(15));

test.for(presets)('$preset is what was published', ({ clip, said }) => {
  near(stepFlops(clip, guided), said.step_tflop_cfg2);
  near(decodeFlops(clip, guided), said.vae_decode_tflop);
});

test('both prompts are 9.689 TFLOP, one is half of it', () => {
  near(textFlops(guided), 9.689);
  expect(textFlops({ ...guided, guidance: false })).toBe(textFlops(guided) / 2);
});

test('161 frames are 1.55 times the work of 121 in a step, and 1.33 times in the decoder', () => {
  const [long, short] = [161, 121].map((frames) => ({ width: 1280, height: 704, frames }));
  expect(stepFlops(long!, guided) / stepFlops(short!, guided)).toBeCloseTo(1.5486, 4);
  expect(decodeFlops(long!, guided) / decodeFlops(short!, guided)).toBeCloseTo(1.3299, 4);
});

test('two videos are twice the work, and no guidance half a step', () => {
  const clip = { width: 832, height: 480, frames: 33 };
  expect(stepFlops(clip, { guidance: true, batch: 2 })).toBe(2 * stepFlops(clip, guided));
  expect(stepFlops(clip, { guidance: false, batch: 1 })).toBe(stepFlops(clip, guided) / 2);
});

test('only whole patches and latent frames have a work', () => {
  expect(isClipShape({ width: 1280, height: 704, frames: 161 })).toBe(true);
  for (const wrong of [
    { width: 1280, height: 720, frames: 121 },
    { width: 832, height: 480, frames: 120 },
    { width: 0, height: 32, frames: 1 },
    { width: Number.NaN, height: 32, frames: 1 },
  ])
    expect(isClipShape(wrong)).toBe(false);
});
