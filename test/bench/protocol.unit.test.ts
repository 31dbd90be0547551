import { describe, expect, test } from 'vitest';
import { BLOCK_SECONDS, planBlocks } from '../../src/bench/blocks';
import { checksOf } from '../../src/bench/checks';
import { choosePreset } from '../../src/bench/choose_preset';
import { sampledStages, withTotal } from '../../src/bench/figures';
import { PRESETS, REFERENCE, REFERENCES, SMALL_PRESETS, tokensOf } from '../../src/bench/presets';
import { foretell } from '../../src/bench/protocol';
import { type Rates, secondsOf } from '../../src/bench/rates';
import { remarksOf } from '../../src/bench/remarks';
import { rounded } from '../../src/bench/rounded';
import type { SliceRate } from '../../src/bench/slices';
import { stageWork, WORK_KINDS } from '../../src/bench/work';
import type { ComparisonKey, Machine } from '../../src/core/result';
import { estimateRun, type ModePlan } from '../../src/core/run_plan';
import { bytes, flops } from '../../src/core/units';
import type { RunTime } from '../../src/gpu/run';

const settings = { activation: 'f16' } as const;

/** Every kind of work at this rate, in three repeats of 0.9, 1 and 1.3 times as long. */
function ratesAt(flopsPerSecond: number): Rates {
  const rate = (kind: SliceRate['kind']): SliceRate => ({
    kind,
    flopsPerSecond,
    rows: 16,
    samples: [1, 0.9, 1.3],
    cost: { flops: flops(flopsPerSecond), bytes: bytes(0), computedFlops: flopsPerSecond, weightBytes: 0 },
    gpuBusy: null,
    passes: [],
  });
  return Object.fromEntries(WORK_KINDS.map((kind) => [kind, rate(kind)])) as unknown as Rates;
}

const candidatesAt = (flopsPerSecond: number) =>
  PRESETS.map((preset) => {
    const work = stageWork(preset, settings);
    return { preset, work, foretold: foretell(work, ratesAt(flopsPerSecond)) };
  });

const run = (wallSeconds: number, broughtBytes?: number): RunTime => ({
  wallSeconds,
  gpuSeconds: null,
  passes: [],
  dispatches: 1,
  submits: 1,
  starvedSeconds: 0,
  feed: broughtBytes === undefined ? null : { bytes: broughtBytes, tiles: 1, activeSeconds: 0 },
});

describe('the preset', () => {
  const limits = { steps: 6, clipSeconds: 18 };
  test('is the largest that the time allows', () => {
    const { preset, fits } = choosePreset(null, candidatesAt(25e12), limits);
    expect([preset.id, fits]).toEqual(['640x352x17', true]);
  });
  test('is the smallest, and is not run, where none does', () => {
    const { preset, fits } = choosePreset(null, candidatesAt(1e9), limits);
    expect([preset.id, fits]).toEqual([PRESETS[0]!.id, false]);
  });
  test('is run if it was asked for, however long it takes', () => {
    expect(choosePreset(REFERENCE.id, candidatesAt(1e9), limits)).toMatchObject({ preset: REFERENCE, fits: true });
  });
  test('is refused, with both numbers, where a binding cannot hold it', () => {
    const tooSmall = { ...limits, bindingBytes: 2 ** 27 };
    expect(() => choosePreset(REFERENCE.id, candidatesAt(1e12), tooSmall)).toThrow(/\d+ MiB in one buffer .* 128 MiB/);
    expect(choosePreset(null, candidatesAt(1e15), tooSmall).preset.id).toBe('256x256x5');
  });
  test('that nobody knows is refused', () => {
    expect(() => choosePreset('1x1x1', candidatesAt(1e12), limits)).toThrow('There is no preset 1x1x1');
  });
});

describe('blocks', () => {
  const at = (flopsPerSecond: number) => (clip: (typeof PRESETS)[number]) =>
    secondsOf(stageWork(clip, settings).block, ratesAt(flopsPerSecond));
  const planned = (flopsPerSecond: number) =>
    planBlocks(at(flopsPerSecond)).map(({ clip, repeats }) => [tokensOf(clip), repeats]);

  test('have the reference’s tokens on a GPU, five repeats where there is time', () => {
    expect(planned(25e12)).toEqual([
      [27280, 5],
      [36080, 5],
    ]);
    const slower = planned(1.5e12);
    expect(slower.map(([tokens]) => tokens)).toEqual([27280, 36080]);
    expect(slower[1]![1]).toBeLessThan(5);
    expect(slower[1]![1]).toBeGreaterThan(0);
  });
  test('have as many tokens as fit into the time on a slow adapter', () => {
    const [block, ...more] = planBlocks(at(6e9));
    expect(more).toEqual([]);
    expect(tokensOf(block!.clip)).toBe(128);
    expect(block!.seconds * (block!.repeats + 1)).toBeLessThanOrEqual(BLOCK_SECONDS);
  });
  test('are the smallest where even that takes longer', () => {
    expect(planBlocks(at(1e6))).toMatchObject([{ clip: SMALL_PRESETS[0], repeats: 1 }]);
  });
  test('leave out what cannot be bound', () => {
    const seconds = at(25e12);
    const plan = planBlocks((clip) => (REFERENCES.includes(clip) ? null : seconds(clip)));
    expect(plan.map(({ clip }) => clip.id)).toEqual(['832x480x81']);
  });
});

describe('a projection', () => {
  const rates = ratesAt(1e12);
  const work = stageWork(REFERENCE, settings);

  test('of the reference is thirty blocks and what is around them, where a block was run', () => {
    const sampled = sampledStages(work, rates);
    const around = sampled.step.seconds - 30 * secondsOf(work.block, rates);
    expect(around).toBeGreaterThan(0);
    expect(around).toBeLessThan(0.01 * sampled.step.seconds);
    const { step } = sampledStages(work, rates, { kind: 'measured', seconds: 50, samples: [49, 50, 52] });
    expect(step.kind).toBe('sampled');
    expect(step.seconds).toBeCloseTo(1500 + around, 6);
    expect(step.samples).toEqual([49, 50, 52].map((seconds) => 30 * seconds + around));
  });

  const small = stageWork(SMALL_PRESETS[0]!, settings);

  test('goes by all that is computed, borders and tiles that stick out, too', () => {
    expect(small.decode.conv.computedFlops).toBeGreaterThan(1.1 * small.decode.conv.flops);
    expect(work.decode.conv.computedFlops).toBeLessThan(1.05 * work.decode.conv.flops);
    expect(secondsOf(small.decode, rates)).toBeCloseTo(small.decode.conv.computedFlops / 1e12, 6);
  });

  test('of few rows goes by what it costs to go through the weights, too', () => {
    const cost = { ...rates.linear.cost, computedFlops: 3e12, weightBytes: 1e9 };
    const linear = { ...rates.linear, samples: [3], cost };
    const few = { samples: [2], computedFlops: 1e12 };
    const effort = { ...cost, computedFlops: 4e12, weightBytes: 2e9 };
    const step = { ...small.block, linear: effort, attention: { ...effort, computedFlops: 0, weightBytes: 0 } };
    expect(secondsOf(step, { ...rates, linear })).toBeCloseTo(4, 9); // all at 1 TFLOP/s
    // 0.5 s a TFLOP, and 1.5 s a GB.
    const both = { ...rates, linear: { ...linear, few } };
    expect(secondsOf(step, both)).toBeCloseTo(4 * 0.5 + 2 * 1.5, 9);
    // As many rows as the slice's, and twice as many: each tile goes through the weights.
    const withFlops = (computedFlops: number) => ({ ...step, linear: { ...effort, computedFlops } });
    expect(secondsOf(withFlops(6e12), both)).toBeCloseTo(6, 9);
    expect(secondsOf(withFlops(12e12), both)).toBeCloseTo(12, 9);
    // A slice of several tiles, whose line goes on: 0.4 s a TFLOP, and 0.3 s a GB.
    const [most, least] = [{ samples: [1.5] }, { samples: [0.42], computedFlops: 0.3e12 }];
    const several = { ...rates, linear: { ...linear, ...most, few: least } };
    expect(secondsOf(withFlops(12e12), several)).toBeCloseTo(12 * 0.4 + 2 * 0.3, 9);
  });

  test('of few rows is between their share of the many and as long as they, whatever the clock said', () => {
    const cost = { ...rates.linear.cost, computedFlops: 2e12, weightBytes: 1e9 };
    const step = { ...small.block, attention: { ...small.block.attention, computedFlops: 0, weightBytes: 0 } };
    const at = (fewSeconds: number, computedFlops: number) => {
      const few = { samples: [fewSeconds], computedFlops: 1e12 };
      const linear = { ...step.linear, computedFlops, weightBytes: 1e9 };
      return secondsOf({ ...step, linear }, { ...rates, linear: { ...rates.linear, samples: [1], cost, few } });
    };
    for (const [told, few] of [
      [0.4, 0.5],
      [0.7, 0.7],
      [1.3, 1],
    ] as const) {
      expect(at(told, 1e12)).toBeCloseTo(few, 9);
      expect(at(told, 2e12 - 1)).toBeCloseTo(1, 9); // no step at as many
      expect(at(told, 2e12)).toBeCloseTo(1, 9);
    }
  });

  test('is checked against what was measured, stage by stage', () => {
    const [preset] = PRESETS;
    const ofPreset = stageWork(preset!, settings);
    const foretold = foretell(ofPreset, rates);
    const clip = {
      encode: [run(1), run(2)],
      steps: [[run(9)], [run(3), run(1)], [run(5)]],
      decode: [run(6, 5e9)],
      decodeSeconds: 7, // with the last frames read
      seconds: 30,
    };
    const blocks = [{ clip: REFERENCE, figure: { kind: 'measured', seconds: 50, samples: [50] } as const }];
    const roofs = { uploadBytesPerSecond: 1e8 };
    const choice = { preset: preset!, work: ofPreset, foretold, fits: true };
    const keyOf = ({ id }: { id: string }) => ({ preset: id }) as ComparisonKey;
    const checks = checksOf({ settings, roofs, rates, choice, clip, blocks }, keyOf);
    expect(checks.map(({ key, stage, measuredSeconds }) => [key.preset, stage, measuredSeconds])).toEqual([
      [REFERENCE.id, 'block', 50],
      [preset!.id, 'encode', 3],
      [preset!.id, 'step', 4.5],
      [preset!.id, 'decode', 7],
    ]);
    expect(checks[0]!.projectedSeconds).toBeCloseTo(
      work.block.linear.flops / 1e12 + work.block.attention.flops / 1e12,
      0,
    );
    expect(checks[2]!.projectedSeconds).toBe(foretold.step);
    // 5 GB at 100 MB/s take longer than computing.
    expect(checks[3]!.projectedSeconds).toBe(50);
  });

  test('has a total of its steps', () => {
    const figure = (seconds: number) => ({ kind: 'measured', seconds, samples: [seconds] }) as const;
    const stages = { encode: figure(1), step: figure(2), decode: figure(3) };
    expect(withTotal(stages, 50).total).toEqual({ kind: 'derived', seconds: 104, samples: [] });
  });
});

describe('remarks', () => {
  const machine = {
    software: false,
    timestamps: true,
    limits: { maxStorageBufferBindingSize: 2 ** 31 },
  } as unknown as Machine;
  const even = [1, 1, 1, 1];
  const steps = (seconds: readonly number[]) => ({
    encode: [run(1)],
    steps: [9, ...seconds].map((each) => [run(each)]),
    decode: [run(1)],
    decodeSeconds: 1,
    seconds: 1,
  });
  const common = { machine, mode: 'full', clip: steps(even), blocks: [], before: even, after: even } as const;
  const codes = (changes: Partial<Parameters<typeof remarksOf>[0]>) =>
    remarksOf({ ...common, ...changes }).map(({ code }) => code);

  test('of a full run without trouble are none', () => expect(codes({})).toEqual([]));
  test('say what stood for what', () => {
    expect(codes({ mode: 'quick' })).toEqual(['one-block-of-weights']);
    expect(codes({ mode: 'quick', clip: null })).toEqual(['sampled']);
  });
  test('say at how many tokens a block ran', () => {
    const figure = { kind: 'measured', seconds: 1, samples: even } as const;
    const small = { clip: PRESETS[0]!, figure };
    expect(remarksOf({ ...common, blocks: [small] })).toEqual([
      { code: 'block-at-fewer-tokens', values: { tokens: 128, referenceTokens: 36080 } },
    ]);
    expect(codes({ blocks: [{ clip: REFERENCE, figure }] })).toEqual([]);
    expect(codes({ clip: null, blocks: [{ clip: REFERENCE, figure: { ...figure, samples: [1, 2, 1] } }] })).toContain(
      'contended',
    );
  });
  test('leave the step that warms up out', () => {
    expect(codes({ clip: steps([1, 1.5, 1]) })).toEqual(['contended']);
    expect(codes({ clip: steps([1, 1.05, 1.1, 1.15, 1.2, 1.25]) })).toEqual(['throttled']);
    expect(codes({ before: [1, 2, 1, 2] })).toEqual(['busy-before']);
  });
});

test('numbers are kept to six digits, and nothing else is changed', () => {
  const before = { text: '1.23456789', ints: [36080, 8712345678], deep: { x: 1.23456789e-5, none: null, yes: true } };
  const after = { text: '1.23456789', ints: [36080, 8712350000], deep: { x: 1.23457e-5, none: null, yes: true } };
  expect(rounded(before)).toEqual(after);
  expect(rounded(after)).toEqual(after);
  expect(rounded(Number.NaN)).toBeNaN();
});

describe('what is told before a run', () => {
  const row = (id: string, seconds: number, peakBytes: number, largestBytes = 5) => ({
    ...PRESETS[0]!,
    largestBytes,
    ...{ id, tokens: 1, encodeSeconds: seconds, stepSeconds: seconds, decodeSeconds: seconds },
    memory: { encode: null, image: null, denoise: null, decode: { weights: 1, slots: 0, activations: peakBytes - 1 } },
  });
  const plan: ModePlan = {
    presets: [row('small', 1, 10), row('large', 3, 30)],
    ...{
      tuningSeconds: 0,
      sampleSeconds: 100,
      sampleBytes: 20,
      clipSeconds: 10,
      steps: 5,
      warmUpSteps: 1,
      samplesAlone: true,
    },
    ...{ ratesAssumed: false, weightBytes: 0, bindingBytes: 8, downloadBytes: 0 },
  };
  test('is of the preset that would be chosen, and of the one that was', () => {
    expect(estimateRun(plan, null, null)).toMatchObject({ clip: { id: 'small' }, seconds: 108, peakBytes: 20 });
    expect(estimateRun(plan, 'large', 1)).toMatchObject({ clip: { id: 'large' }, seconds: 112, peakBytes: 30 });
  });
  test('is of none whose buffers this GPU does not bind, unless it was asked for', () => {
    const presets = [row('small', 1, 10), row('wide', 1, 20, 9)];
    expect(estimateRun({ ...plan, presets }, null, null)).toMatchObject({ clip: { id: 'small' } });
    expect(estimateRun({ ...plan, presets }, 'wide', null)).toMatchObject({ clip: { id: 'wide' } });
  });
  test('is longer where the device is tuned first', () => {
    const seconds = (tuningSeconds: number) => estimateRun({ ...plan, tuningSeconds }, null, null).seconds;
    expect(seconds(20) - seconds(0)).toBe(20);
  });
  test('is of slices alone, or of the smallest, where none fits', () => {
    expect(estimateRun(plan, null, 20)).toMatchObject({ clip: undefined, seconds: 100, peakBytes: 20 });
    expect(estimateRun({ ...plan, samplesAlone: false }, null, 20)).toMatchObject({ clip: { id: 'small' } });
  });
  test('is of the smallest while rates are assumed, within the time that the run keeps to, unless it was asked for', () => {
    const guess = { ...plan, ratesAssumed: true };
    expect(estimateRun(guess, null, 20)).toMatchObject({ clip: { id: 'small' }, seconds: 110 });
    expect(estimateRun(guess, 'small', 20)).toMatchObject({ clip: { id: 'small' }, seconds: 123 });
  });
});
