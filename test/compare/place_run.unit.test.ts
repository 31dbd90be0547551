import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/compare/compare_runs';
import { gapOf } from '../../src/compare/gap_of_totals';
import { oneACard } from '../../src/compare/one_a_card';
import { axisOf, placeRun } from '../../src/compare/place_run';
import { runOfResult } from '../../src/compare/run_of';
import type { Run } from '../../src/core/run';
import { decodeFlops, stepFlops } from '../../src/core/wan_flops';
import { exampleResult } from './example_result';
import { referenceRun, referenceRuns } from './reference_runs';

const l40s = referenceRun('l40s-03');
const blackwell = referenceRun('blackwell-03');
const own = runOfResult(exampleResult());
const at121: Run = { ...l40s, id: 'at-121', key: { ...l40s.key, frames: 121, tokens: 27280 } };

describe('the axis', () => {
  test('is of the work that most runs did', () => {
    expect(axisOf([at121, at121, l40s])!.key.frames).toBe(121);
    expect(axisOf(referenceRuns)!.key.frames).toBe(161);
  });

  test('is of the published reference where as many did that', () => {
    expect(axisOf([at121, l40s])!.key.frames).toBe(161);
  });

  test('is of what its run did, never of what it foretells', () => {
    expect(axisOf([own])).toMatchObject({ projection: null, key: { frames: 17 } });
  });

  test('is none where nobody says what was done', () => {
    expect(axisOf([referenceRun('published-17'), referenceRun('published-23')])).toBeNull();
  });
});

describe('a run on it', () => {
  const axis = axisOf([blackwell]);

  test('of the same work stands as it ran, its total at the axis’s steps', () => {
    const { basis, factor, stages } = placeRun(l40s, axis, 20);
    expect({ basis, factor }).toEqual({ basis: 'run', factor: null });
    expect(stages.step).toBe(l40s.stages.step);
    const { encode, step, decode } = l40s.stages;
    expect(stages.total!.seconds).toBeCloseTo(encode!.seconds + 20 * step!.seconds + decode!.seconds, 6);
    expect(stages.total!.kind).toBe('derived');
  });

  test('that foretells that work stands by that', () => {
    const { basis, from, stages } = placeRun(own, axis, 10);
    expect({ basis, frames: from.frames }).toEqual({ basis: 'projection', frames: 161 });
    expect(stages.step!.seconds).toBe(1264);
  });

  test('of other work is scaled by the FLOPs of each stage, and what cannot be scaled is left out', () => {
    const { basis, factor, from, to, stages } = placeRun(at121, axis, 10);
    const shape = { width: 1280, height: 704 };
    const way = { guidance: true, batch: 1 };
    const [less, more] = [
      { ...shape, frames: 121 },
      { ...shape, frames: 161 },
    ];
    expect([basis, from.frames, to.frames]).toEqual(['scaled', 121, 161]);
    expect(factor).toBeCloseTo(stepFlops(more, way) / stepFlops(less, way), 12);
    expect(stages.step!.seconds / at121.stages.step!.seconds).toBeCloseTo(factor!, 12);
    expect(stages.decode!.seconds / at121.stages.decode!.seconds).toBeCloseTo(
      decodeFlops(more, way) / decodeFlops(less, way),
      12,
    );
    expect([stages.step!.kind, stages.total!.kind]).toEqual(['derived', 'derived']);
    expect(at121.stages.wall).not.toBeNull();
    expect(stages.wall).toBeNull();
  });

  test('of unknown work keeps what its source tells', () => {
    const h200 = referenceRun('published-23');
    const { basis, stages, to } = placeRun(h200, axis, 10);
    expect([basis, to.frames]).toEqual(['none', 121]);
    expect(stages.step).toBe(h200.stages.step);
    expect(stages.decode).toBeNull();
  });

  test('needs no axis to be told as it is', () => {
    expect(placeRun(own, null, 5).stages.step).toBe(own.stages.step);
  });
});

test('one a card is the one that says most', () => {
  const chosen = oneACard(referenceRuns.filter(({ contended }) => !contended));
  expect(new Set(chosen.map(({ device }) => device.name)).size).toBe(chosen.length);
  expect(chosen.find(({ device }) => device.name === 'NVIDIA L40S')!.id).toBe('l40s-03');
  expect(chosen.find(({ device }) => device.name === 'NVIDIA GeForce RTX 4090')!.key.gpus ?? 1).toBe(1);
  expect(oneACard([l40s, { ...l40s, id: 'shared', contended: true, date: '2030-01-01' }])).toEqual([l40s]);
});

describe('the gap between two runs', () => {
  test('is made by the stage that lies furthest apart, as a share of the totals’ distance', () => {
    const gap = gapOf(compareRuns(l40s, blackwell, 10))!;
    const [a, b] = [l40s.stages, blackwell.stages];
    expect(gap.stage).toBe('denoise');
    const denoise = (stages: typeof a) => stages.total!.seconds - stages.encode!.seconds - stages.decode!.seconds;
    expect(gap.share).toBeCloseTo((denoise(a) - denoise(b)) / (a.total!.seconds - b.total!.seconds), 2);
  });

  test('is unknown where a stage is', () => {
    expect(gapOf(compareRuns(own, referenceRun('published-23'), 10))).toBeNull();
    expect(gapOf(compareRuns(l40s, l40s, 10))).toBeNull();
  });
});
