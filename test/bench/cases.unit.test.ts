import { describe, expect, test } from 'vitest';
import { type CaseMatrix, type CaseWish, casesOf } from '../../src/bench/cases';
import { planCase } from '../../src/bench/plan_case';
import { presetOf } from '../../src/bench/presets';
import { WAN22_5B } from '../../src/dit/config';

const GIB = 2 ** 30;
const MATRIX: CaseMatrix = {
  clips: [presetOf('256x256x5')],
  weights: ['bf16'],
  offloads: ['resident', 'stream'],
  batches: [1, 2],
  memoryBytes: null,
};

describe('the cases of a matrix', () => {
  test('are all combinations, each once, the first of a clip first', () => {
    const cases = casesOf({ ...MATRIX, weights: ['bf16', 'q8_0', 'bf16'], batches: [1, 2, 1] });
    expect(cases.map(({ weights, offload, batch }) => `${weights} ${offload} ${batch}`)).toEqual([
      'bf16 resident 1',
      'bf16 resident 2',
      'bf16 stream 1',
      'bf16 stream 2',
      'q8_0 resident 1',
      'q8_0 resident 2',
      'q8_0 stream 1',
      'q8_0 stream 2',
    ]);
  });

  test.for([0, 1.5, Number.NaN, 65])('are none of a batch of %d', (batch) => {
    expect(() => casesOf({ ...MATRIX, batches: [1, batch] })).toThrow(`A batch of ${batch} videos`);
  });

  test('are of any size and length that the model takes', () => {
    expect(presetOf('1280x704x129')).toEqual({ id: '1280x704x129', width: 1280, height: 704, frames: 129 });
    expect(() => presetOf('832x480x32')).toThrow('The frames 32 is not one more than a multiple of 4');
    expect(() => presetOf('830x480x33')).toThrow('The width 830 is no multiple of 32');
    expect(() => presetOf('832x480')).toThrow('"832x480" is no clip');
  });
});

describe('the plan of a case', () => {
  const rates = { ceiling: { flopsPerSecond: 20e12, bytesPerSecond: 1e12 }, uploadBytesPerSecond: 5e9 };
  const settings = { activation: 'f16', bindingBytes: 2 * GIB } as const;
  const plan = (wish: Partial<CaseWish> & { preset?: string } = {}) => {
    const clip = presetOf(wish.preset ?? '256x256x5');
    const given: CaseWish = { clip, weights: 'bf16', offload: 'resident', batch: 1, memoryBytes: null, ...wish };
    return planCase(settings, WAN22_5B, given, 3, rates);
  };

  test('has all weights resident, all streamed, or half of them where no bound says how many', () => {
    const [resident, partial, stream] = [plan(), plan({ offload: 'partial' }), plan({ offload: 'stream' })];
    const weightBytes = stream.streamedBytesPerStep;
    expect(weightBytes / GIB).toBeCloseTo(8.09, 1);
    expect(resident.streamedBytesPerStep).toBe(0);
    expect(partial.streamedBytesPerStep / weightBytes).toBeCloseTo(0.5, 1);
    expect(partial.memoryBytes! - partial.peakBytes).toBeLessThan(0.1 * GIB);
    expect(partial.peakBytes).toBeLessThan(partial.memoryBytes!);
    // 8 GiB of weights at 5 GB/s in each of four steps, against 2.2 TFLOP at 20 TFLOP/s and 8 GiB once.
    expect(stream.estimatedSeconds).toBeCloseTo((4 * weightBytes) / 5e9, 5);
    expect(resident.estimatedSeconds).toBeGreaterThan(weightBytes / 5e9 + 4 * 0.1);
    expect(resident.estimatedSeconds).toBeLessThan(weightBytes / 5e9 + 4 * 0.13);
  });

  test('computes as many times as much for a batch, and streams as much as for one video', () => {
    const alone = plan({ offload: 'stream', preset: '832x480x33' });
    const four = plan({ offload: 'stream', preset: '832x480x33', batch: 4 });
    expect(four.streamedBytesPerStep).toBe(alone.streamedBytesPerStep);
    expect(four.estimatedSeconds / alone.estimatedSeconds).toBeCloseTo(4, 1);
    expect(four.peakBytes).toBeGreaterThan(2 * alone.peakBytes);
  });

  test.for<[string, Partial<CaseWish> & { preset?: string }, string, RegExp]>([
    ['too little memory to keep all', { memoryBytes: 4 * GIB }, 'out-of-memory', /^This takes 8,\d+ MiB .* 4,096 MiB/],
    [
      'too little to stream',
      { offload: 'stream', memoryBytes: GIB / 8 },
      'out-of-memory',
      /takes 3\d\d MiB .* 128 MiB/,
    ],
    ['too little for any slots', { offload: 'partial', memoryBytes: GIB / 8 }, 'out-of-memory', /\d+ MiB.*\d+ MiB/],
    [
      'enough to keep all',
      { offload: 'partial', memoryBytes: 9 * GIB },
      'input-invalid',
      /^All weights stay in 9,216 MiB/,
    ],
    [
      'a buffer beyond the limit',
      { offload: 'stream', preset: '1280x704x161', batch: 4 },
      'limit-too-low',
      /^This needs 3,383 MiB in one buffer, and this GPU binds at most 2,048 MiB/,
    ],
  ])('says with both numbers why it cannot be: %s', ([, wish, code, message]) => {
    const { impossible, estimatedSeconds, peakBytes } = plan(wish);
    expect(impossible).toEqual({ code, message: expect.stringMatching(message) });
    expect(estimatedSeconds).toBe(0);
    expect(peakBytes).toBeGreaterThan(0);
  });
});
