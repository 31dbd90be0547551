import { describe, expect, test } from 'vitest';
import { compareRuns, rowAt } from '../../src/compare/compare_runs';
import { runOfResult } from '../../src/compare/run_of';
import { denoiseAt, totalAt, weakest } from '../../src/compare/stage_sums';
import type { Run, RunKey } from '../../src/core/run';
import { stepFlops } from '../../src/core/wan_flops';
import { exampleResult, figure } from './example_result';
import { referenceRun } from './reference_runs';

const l40s = referenceRun('l40s-03');
const example = runOfResult(exampleResult());
const withKey = (run: Run, key: Partial<RunKey>): Run => ({ ...run, key: { ...run.key, ...key } });

describe('a result beside a published run', () => {
  test('is compared through its projection when it ran something smaller', () => {
    const comparison = compareRuns(example, l40s);
    expect(comparison).toMatchObject({ basis: 'projection', factor: null, steps: 10 });
    expect(comparison.keys.own.frames).toBe(161);
    const step = rowAt(comparison, 'step');
    expect(step.own?.kind).toBe('sampled');
    expect(step.ratio).toBeCloseTo(1264 / l40s.stages.step!.seconds, 6);
  });

  test('is compared as run when it ran the same work', () => {
    const ran = { ...example, key: { ...example.projection!.key, steps: 10 } };
    expect(compareRuns(ran, l40s)).toMatchObject({ basis: 'run', factor: null });
  });

  test('takes both totals at the steps of the other, or at any', () => {
    expect(rowAt(compareRuns(example, l40s), 'total').own).toEqual(figure('derived', 1 + 10 * 1264 + 229.85));
    const fifty = rowAt(compareRuns(example, l40s, 50), 'total');
    expect(fifty.own?.seconds).toBe(63430.85);
    expect(fifty.other).toMatchObject({ kind: 'derived' });
  });

  test('names what differs, and what makes it other work', () => {
    const { differences } = compareRuns(example, l40s);
    expect(differences.map(({ field }) => field)).toEqual([
      'steps',
      'activations',
      'weights',
      'offload',
      'textEncoderOn',
    ]);
    expect(differences.at(-1)).toEqual({ field: 'textEncoderOn', own: 'gpu', other: 'cpu', otherWork: false });
    expect(differences.some(({ otherWork }) => otherWork)).toBe(false);
  });

  test('has no ratio for init: making numbers is not reading a checkpoint', () => {
    expect(rowAt(compareRuns(example, l40s), 'init')).toMatchObject({ ratio: null, reason: 'boundary' });
    expect(rowAt(compareRuns(referenceRun('blackwell-02'), referenceRun('l40s-02')), 'init').ratio).toBeCloseTo(
      0.487,
      3,
    );
  });

  test('has no ratio where a stage took no time, is not stated, or was another decoder', () => {
    const { projection } = example;
    const stages = { ...projection!.stages, encode: figure('derived', 0), image: null };
    const comparison = compareRuns({ ...example, projection: { ...projection!, stages } }, l40s);
    expect(rowAt(comparison, 'encode')).toMatchObject({ ratio: null, reason: 'no-time' });
    expect(rowAt(comparison, 'image')).toMatchObject({ ratio: null, reason: 'missing' });
    const tiny = compareRuns(example, withKey(l40s, { decoder: 'tiny' }));
    expect(rowAt(tiny, 'decode').reason).toBe('other-decoder');
    expect(rowAt(tiny, 'total').reason).toBe('other-decoder');
    expect(rowAt(tiny, 'step').ratio).not.toBeNull();
  });
});

describe('runs of different work', () => {
  const long = referenceRun('blackwell-03');
  const short = withKey(l40s, { frames: 121, tokens: 27_280 });

  test('are scaled by the FLOPs of each stage, and say by how much', () => {
    const comparison = compareRuns(long, short);
    expect(comparison.basis).toBe('scaled');
    expect([comparison.keys.own.frames, comparison.keys.other.frames]).toEqual([161, 121]);
    const [step, decode] = [rowAt(comparison, 'step'), rowAt(comparison, 'decode')];
    expect(comparison.factor).toBe(step.factor);
    expect(step.factor).toBeCloseTo(1 / 1.5486, 4);
    expect(decode.factor).toBeCloseTo(1 / 1.3299, 4);
    expect(step.own).toEqual(figure('derived', long.stages.step!.seconds * step.factor!));
    expect(step.ratio).toBeCloseTo(step.own!.seconds / short.stages.step!.seconds, 10);
    expect(rowAt(comparison, 'encode').factor).toBe(1);
    expect(rowAt(comparison, 'wall')).toMatchObject({ ratio: null, reason: 'other-work' });
    const total = rowAt(comparison, 'total');
    expect(total.own!.kind).toBe('derived');
    expect(total.own!.seconds).toBeCloseTo(
      long.stages.encode!.seconds + 10 * step.own!.seconds + decode.own!.seconds,
      6,
    );
  });

  test('are scaled from what lies nearest: the projection, if that is nearer than what ran', () => {
    const comparison = compareRuns(example, short);
    expect(comparison.keys.own.frames).toBe(161);
    expect(rowAt(comparison, 'step').own!.seconds).toBeCloseTo(1264 / 1.5486, 1);
  });

  test('without guidance, or two at once, are other work, too', () => {
    const clip = { width: 1280, height: 704, frames: 161 };
    const work = stepFlops(clip, { guidance: true, batch: 1 });
    for (const change of [{ guidance: false }, { batch: 2 }]) {
      const comparison = compareRuns(long, withKey(l40s, change));
      expect(comparison.basis).toBe('scaled');
      expect(comparison.factor).toBe(stepFlops(clip, { guidance: true, batch: 1, ...change }) / work);
    }
  });

  test('have no ratio at all where any of the work is not stated, cannot be, or contradicts itself', () => {
    const changes: Partial<RunKey>[] = [
      { frames: null },
      { width: null },
      { model: null },
      { guidance: null },
      { batch: null },
      { height: 720, tokens: null },
      { frames: 121 }, // with the tokens of 161
    ];
    for (const change of changes) {
      const { basis, rows } = compareRuns(long, withKey(l40s, change));
      expect([change, basis, rows.filter(({ ratio }) => ratio !== null)]).toEqual([change, 'none', []]);
    }
  });

  test('of another model are never scaled; of one other model they may be alike', () => {
    const demo = withKey(long, { model: 'fingerprint' });
    expect(compareRuns(demo, l40s).basis).toBe('none');
    expect(compareRuns(demo, demo).basis).toBe('run');
  });
});

describe('a total that its source does not take apart', () => {
  const whole = (steps: number | null): Run => ({
    ...l40s,
    key: { ...l40s.key, steps },
    stages: { ...l40s.stages, encode: null, decode: null, step: null, total: figure('published', 400) },
  });

  test('counts at its own number of steps alone', () => {
    const total = rowAt(compareRuns(example, whole(50)), 'total');
    expect(total.own?.seconds).toBe(63430.85);
    expect(total.ratio).toBeCloseTo(63430.85 / 400, 6);
    expect(rowAt(compareRuns(example, whole(50), 10), 'total')).toMatchObject({ other: null, reason: 'missing' });
  });

  test('has no ratio where neither states its steps', () => {
    expect(rowAt(compareRuns(whole(null), whole(null)), 'total')).toMatchObject({ ratio: null, reason: 'other-steps' });
  });

  test('nor do wall clocks of different numbers of steps', () => {
    const five = compareRuns(referenceRun('l40s-01'), l40s);
    expect(rowAt(five, 'wall').reason).toBe('other-steps');
    expect(rowAt(compareRuns(l40s, referenceRun('blackwell-03')), 'wall').ratio).toBeCloseTo(2.154, 3);
  });
});

describe('figures at another number of steps', () => {
  test('are the sum at its own, and derived at any other', () => {
    const { step, total } = l40s.stages;
    expect(totalAt(l40s.stages, 10, 10)).toEqual(total);
    expect(totalAt(l40s.stages, 10, 50)).toMatchObject({ kind: 'derived' });
    expect(denoiseAt(step!, 10, 10).seconds).toBeCloseTo(
      step!.samples.reduce((a, b) => a + b),
      6,
    );
    expect(denoiseAt(step!, 10, 20)).toMatchObject({ kind: 'derived', seconds: step!.seconds * 20 });
  });

  test('are measured only where every step was, the warm-up with them', () => {
    const some = { kind: 'measured', seconds: 2, samples: [2, 2, 2], warmUp: [3] } as const;
    expect(denoiseAt(some, 4, 4)).toEqual({ kind: 'measured', seconds: 9, samples: [] });
    expect(denoiseAt(some, 50, 50)).toEqual({ kind: 'derived', seconds: 100, samples: [] });
    expect(denoiseAt({ ...some, kind: 'sampled' }, 50, 50).kind).toBe('sampled');
    // A source that tells one figure for its steps means all of them.
    expect(denoiseAt(figure('published', 2), 50, 50)).toEqual(figure('published', 100));
  });

  test('a total by the clock goes before the sum of its parts, at its own number of steps', () => {
    const clocked = { ...l40s, stages: { ...l40s.stages, total: figure('measured', 400) } };
    const { steps } = l40s.key;
    expect(rowAt(compareRuns(clocked, l40s, steps!), 'total').own).toEqual(figure('measured', 400));
    expect(rowAt(compareRuns(clocked, l40s, steps! + 1), 'total').own!.kind).toBe('derived');
  });

  test('a sum is as weak as its weakest part', () => {
    expect(weakest(['measured', 'sampled'])).toBe('sampled');
    expect(weakest(['published', 'derived'])).toBe('derived');
    expect(weakest(['measured', 'measured'])).toBe('measured');
  });
});
