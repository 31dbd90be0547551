import { describe, expect, test } from 'vitest';
import { CONV_WINDOW_VARIANTS, convWindow, ownWindow, pastOf } from '../../src/kernels/conv_window';
import { evaluate, rounded, testDevice } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

type Pixel = (frame: number, row: number, column: number, channel: number) => number;

/** The definition: the past as it is, then frames with a row of zeros above and a column of zeros on the left, then zeros. */
function reference(
  past: ArrayLike<number>,
  pixel: Pixel,
  {
    frames,
    height,
    width,
    channels,
    border,
  }: { frames: number; height: number; width: number; channels: number; border: 0 | 1 },
) {
  const y = Array.from(past);
  for (let frame = 0; frame < frames; frame++)
    for (let row = -border; row < height; row++)
      for (let column = -border; column < width; column++)
        for (let channel = 0; channel < channels; channel++)
          y.push(row < 0 || column < 0 ? 0 : pixel(frame, row, column, channel));
  for (let i = 0; i < border * (width + 2) * channels; i++) y.push(0);
  return y;
}

const silu = (v: number) => v / (1 + Math.exp(-v));

/** Each pixel's √channels · x ÷ max(‖x‖, 1e-12) · gamma. */
function normalised(x: Float32Array, gamma: Float32Array) {
  const channels = gamma.length;
  return Float64Array.from(x, (value, i) => {
    const first = i - (i % channels);
    const norm = Math.hypot(...x.subarray(first, first + channels));
    return ((Math.sqrt(channels) * value) / Math.max(norm, 1e-12)) * gamma[i % channels]!;
  });
}

describe('conv_window', () => {
  // One pixel, odd sizes, more channels than lanes; with a past and without.
  const SIZES = [
    { past: 0, frames: 1, height: 1, width: 1, channels: 4, border: 1 },
    { past: 2, frames: 3, height: 3, width: 5, channels: 20, border: 1 },
    { past: 2, frames: 1, height: 2, width: 7, channels: 140, border: 1 },
    { past: 1, frames: 2, height: 3, width: 3, channels: 12, border: 0 },
  ] as const;

  test.for(SIZES)(
    'matches the definition for $past + $frames × $height × $width × $channels, every tuning',
    async (size) => {
      const { frames, height, width, channels, border } = size;
      const plane = (height + border) * (width + border);
      const x = noise(frames * height * width * channels, 1);
      x.fill(0, 0, channels); // a pixel of zeros has no direction, and stays zero
      const past = noise(size.past * plane * channels, 2);
      const before = {
        shape: [size.past || 1, plane, channels],
        values: size.past ? past : noise(plane * channels, 2),
      };
      const gamma = noise(channels, 3);
      const of =
        (values: ArrayLike<number>): Pixel =>
        (f, r, c, i) =>
          values[((f * height + r) * width + c) * channels + i]!;
      const norm = normalised(x, gamma);
      const inputs = {
        x: { shape: [frames, height, width, channels], values: x },
        gamma: { shape: [channels, 1, 1, 1], values: gamma },
        before,
      };
      for (const tuning of CONV_WINDOW_VARIANTS)
        for (const [activation, expected] of [
          [undefined, x],
          ['none', norm],
          ['silu', norm.map(silu)],
        ] as const) {
          const actual = await evaluate({ activation: 'f32' }, inputs, (r, t) => {
            const norm = activation && { gamma: t.gamma, activation };
            return convWindow(r, t.x, {
              label: 'y',
              border,
              past: size.past && t.before,
              ...(norm && { norm }),
              tuning,
            }).tensor;
          });
          expect(relL2(actual, reference(past, of(expected), size))).toBeLessThan(1e-6);
        }
    },
  );

  test('takes a number of frames of zeros as the past', async () => {
    const x = noise(24, 1);
    const actual = await evaluate(
      { activation: 'f32' },
      { x: { shape: [1, 2, 3, 4], values: x } },
      (r, t) => convWindow(r, t.x, { label: 'y', border: 0, past: 2 }).tensor,
    );
    expect([...actual]).toEqual([...new Float32Array(48), ...x]);
  });

  test('without border and past is the tensor itself', async () => {
    const x = noise(2 * 6 * 4, 1);
    let [own, made]: (object | undefined)[] = [];
    const actual = await evaluate({ activation: 'f32' }, { x: { shape: [2, 2, 3, 4], values: x } }, (r, t) => {
      const { tensor, ...form } = convWindow(r, t.x, { label: 'y', border: 0 });
      made = { ...form, shape: tensor.shape };
      const { tensor: same, ...sameForm } = ownWindow(t.x);
      own = { ...sameForm, shape: same.shape };
      return tensor;
    });
    expect([...actual]).toEqual([...x]);
    expect(own).toEqual(made);
  });

  test('gives its last frames as the past of the next', async () => {
    const x = noise(2 * 6 * 4, 1);
    const actual = await evaluate({ activation: 'f32' }, { x: { shape: [2, 2, 3, 4], values: x } }, (r, t) => {
      const { tensor, ...window } = convWindow(r, t.x, { label: 'y', border: 1, past: 1 });
      const kept = r.tensor('kept', [2, 12, 4]);
      r.copy('keep', pastOf({ tensor, ...window }, 2), kept);
      return kept;
    });
    const pixel: Pixel = (f, r, c, i) => x[((f * 2 + r) * 3 + c) * 4 + i]!;
    const whole = reference([], pixel, { frames: 2, height: 2, width: 3, channels: 4, border: 1 });
    expect([...actual]).toEqual(whole.slice(0, 2 * 12 * 4));
  });

  test('repeats each pixel 2 × 2', async () => {
    const x = noise(2 * 6 * 4, 1);
    const actual = await evaluate(
      { activation: 'f32' },
      { x: { shape: [2, 2, 3, 4], values: x } },
      (r, t) => convWindow(r, t.x, { label: 'y', border: 1, double: true }).tensor,
    );
    const pixel: Pixel = (f, r, c, i) => x[((f * 2 + (r >> 1)) * 3 + (c >> 1)) * 4 + i]!;
    expect([...actual]).toEqual(reference([], pixel, { frames: 2, height: 4, width: 6, channels: 4, border: 1 }));
  });

  test('matches the definition in half precision where the adapter has it', async (context) => {
    const { device } = await testDevice();
    if (!device.features.has('shader-f16')) return context.skip();
    const x = rounded(noise(3 * 5 * 20, 1), 'f16');
    const gamma = noise(20, 2);
    const actual = await evaluate(
      { activation: 'f16' },
      { x: { shape: [1, 3, 5, 20], type: 'f16', values: x }, gamma: { shape: [20], values: gamma } },
      (r, t) => convWindow(r, t.x, { label: 'y', border: 0, norm: { gamma: t.gamma, activation: 'silu' } }).tensor,
    );
    expect(relL2(actual, normalised(x, gamma).map(silu))).toBeLessThan(5e-4); // rounded once
  });
});
