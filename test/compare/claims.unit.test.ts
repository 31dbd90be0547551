import { describe, expect, test } from 'vitest';
import { checkClaims } from '../../src/compare/claims';
import type { ClaimId, ClaimNumbers } from '../../src/core/claim';
import type { Run, RunKey } from '../../src/core/run';
import { referenceCards, referenceRun, referenceRuns } from './reference_runs';

const six = ['l40s-01', 'l40s-02', 'l40s-03', 'blackwell-01', 'blackwell-02', 'blackwell-03'].map(referenceRun);

function claimOf<Id extends ClaimId>(id: Id, runs: readonly Run[] = six) {
  const found = checkClaims(runs, referenceCards).find((each) => each.id === id);
  if (!found) throw new Error(`No claim ${id}.`);
  return found as unknown as ClaimNumbers[Id] & { verdict: string };
}

/** Changes the runs whose id begins so. */
const changed = (start: string, change: (run: Run) => Run) =>
  six.map((run) => (run.id.startsWith(start) ? change(run) : run));
const withKey = (key: Partial<RunKey>) => (run: Run) => ({ ...run, key: { ...run.key, ...key } });

describe('the source report beside its raw runs', () => {
  test('is confirmed, partly, or not, claim by claim', () => {
    expect(checkClaims(six, referenceCards).map(({ id, verdict }) => `${id}: ${verdict}`)).toEqual([
      'frames: not-supported',
      'named-480p: not-supported',
      'step: confirmed',
      'end-to-end: partly',
      'sm-activity: confirmed',
      'compute-bound: not-supported',
      'scales-with-compute: not-supported',
      'init: confirmed',
      'text: partly',
      'text-on-cpu: partly',
      'decode: confirmed',
      'long-videos: partly',
      'prefetch: not-supported',
      'peak-memory: confirmed',
      'out-of-memory: unproven',
      'no-offload-saves: not-supported',
    ]);
  });

  test('ran 161 frames at 1280×704, half as much work again as the default, and the "480p" case too', () => {
    expect(claimOf('frames').found).toMatchObject({ frames: 161, tokens: 36080 });
    expect(claimOf('frames').found.work).toBeCloseTo(1.5486, 4);
    expect(claimOf('named-480p').found).toEqual({ width: 1280, height: 704, runs: 2 });
  });

  test('has the ratios of its stages', () => {
    const { found: step } = claimOf('step');
    expect([step.low, step.high].map((each) => each.toFixed(2))).toEqual(['1.83', '1.85']);
    expect([step.l40sSeconds, step.blackwellSeconds].map((each) => each.toFixed(2))).toEqual(['12.63', '6.85']);
    const { found: whole } = claimOf('end-to-end');
    expect([whole.low, whole.high].map((each) => each.toFixed(2))).toEqual(['1.96', '2.15']);
    expect(whole.unlike).toBe(1);
    expect(claimOf('init').found.low).toBeCloseTo(2.047, 3);
    expect(claimOf('text').found.high).toBeCloseTo(3.822, 3);
    expect(claimOf('text').found.low).toBeCloseTo(3.174, 3);
    expect(claimOf('decode').found.low).toBeCloseTo(1.922, 3);
  });

  test('kept the cards busy with 35 and 46 % of what they could compute', () => {
    const { found } = claimOf('compute-bound');
    const shares = [found.l40sOfPeak, found.blackwellOfPeak, found.l40sOfMeasured!, found.blackwellOfMeasured!];
    expect(shares.map((share) => Math.round(100 * share))).toEqual([35, 46, 47, 57]);
    expect(claimOf('sm-activity').found).toEqual({ l40s: 100, blackwell: 100 });
    const { ratio, peak, measured, bandwidth, watts } = claimOf('scales-with-compute').found;
    expect([ratio, peak, measured!, bandwidth, watts!].map((each) => each.toFixed(2))).toEqual([
      '1.85',
      '1.39',
      '1.52',
      '1.85',
      '1.71',
    ]);
  });

  test('saved 18 s without offload, of which 8 s are offload’s, by all runs of the card', () => {
    const { found } = claimOf('no-offload-saves', referenceRuns);
    expect(found.seconds).toBeCloseTo(18.35, 2);
    expect(found.init + found.text + found.steps + found.decode + found.rest).toBeCloseTo(found.seconds, 6);
    expect([found.init, found.text, found.rest].map((each) => each.toFixed(1))).toEqual(['3.1', '2.0', '13.4']);
    expect(found).toMatchObject({ offloadedRuns: 9, residentRuns: 3 });
    expect(found.offload).toBeCloseTo(8.2, 1);
  });

  test('loaded nothing during the steps', () => {
    const { found } = claimOf('prefetch');
    expect(found.loadingShare).toBeLessThan(0.0002);
    expect(found.offloadedStep! / found.residentStep!).toBeCloseTo(1, 2);
  });

  test('would have fitted the smaller card, the transformer in bf16 with room to spare', () => {
    const { found } = claimOf('out-of-memory');
    expect([found.needBytes, found.bf16Bytes, found.cardBytes].map((bytes) => (bytes / 2 ** 30).toFixed(1))).toEqual([
      '42.2',
      '32.9',
      '44.5',
    ]);
    expect(found.residentRuns).toBe(0);
    expect(claimOf('peak-memory').found.offloadedBytes / 2 ** 30).toBeCloseTo(31.27, 2);
  });

  test('had its text encoder on the CPU also without offload; on the GPU it takes a second', () => {
    expect(claimOf('text-on-cpu', referenceRuns).found).toMatchObject({ onCpu: 6, onCpuResident: 1 });
    expect(claimOf('text-on-cpu', referenceRuns).found.gpuSeconds).toBeCloseTo(1.36, 2);
    expect(claimOf('text-on-cpu').found.gpuSeconds).toBeNull();
  });
});

describe('verdicts follow the runs', () => {
  const stage = (name: 'step' | 'encode' | 'decode', factor: number) => (run: Run) => {
    const figure = run.stages[name]!;
    const scaled = {
      ...figure,
      seconds: figure.seconds * factor,
      samples: figure.samples.map((each) => each * factor),
    };
    return { ...run, stages: { ...run.stages, [name]: scaled } };
  };

  test('other seconds refute a ratio, or bear out another', () => {
    expect(claimOf('step', changed('l40s', stage('step', 1.3))).verdict).toBe('not-supported');
    expect(claimOf('decode', changed('l40s-01', stage('decode', 1.3))).verdict).toBe('partly');
    expect(claimOf('compute-bound', changed('', stage('step', 0.5))).verdict).toBe('confirmed');
    expect(claimOf('scales-with-compute', changed('l40s', stage('step', 0.78))).verdict).not.toBe('not-supported');
  });

  test('a run that fitted the smaller card refutes that none does; a need above its memory bears it out', () => {
    const fitted = withKey({ offload: 'resident' })(referenceRun('l40s-v2-01'));
    expect(claimOf('out-of-memory', [...six, fitted]).verdict).toBe('not-supported');
    const larger = changed('blackwell-03', (run) => ({ ...run, peakMemoryBytes: 46 * 2 ** 30 }));
    expect(claimOf('out-of-memory', larger).verdict).toBe('confirmed');
    expect(claimOf('peak-memory', larger).verdict).toBe('not-supported');
  });

  test('loading during the steps would bear out that weights are swapped there', () => {
    const loading = changed('l40s-02', (run) => ({
      ...run,
      extra: {
        stages: (run.extra.stages as { name: string }[]).map((each) =>
          /Loading/.test(each.name) ? { ...each, duration: 2 } : each,
        ),
      },
    }));
    expect(claimOf('prefetch', loading).verdict).toBe('confirmed');
  });

  test('a gap of 20 s would bear out what no-offload saves', () => {
    const slower = changed('blackwell-02', (run) => ({
      ...run,
      stages: { ...run.stages, wall: { ...run.stages.wall!, seconds: run.stages.wall!.seconds + 20 } },
    }));
    const only = slower.filter(({ id }) => id !== 'blackwell-01');
    expect(claimOf('no-offload-saves', only).verdict).toBe('confirmed');
  });
});

describe('a claim about runs that are not given', () => {
  test('is left out', () => {
    expect(checkClaims([], referenceCards)).toEqual([]);
    expect(checkClaims(six.slice(0, 3), referenceCards)).toEqual([]);
    const ids = checkClaims([referenceRun('l40s-02'), referenceRun('blackwell-02')]).map(({ id }) => id);
    for (const absent of ['named-480p', 'compute-bound', 'peak-memory', 'out-of-memory', 'no-offload-saves'])
      expect(ids).not.toContain(absent);
    expect(ids).toContain('step');
  });

  test('as one about contended runs is, or about pairs of different work', () => {
    expect(checkClaims(six.map((run) => ({ ...run, contended: true })))).toEqual([]);
    expect(checkClaims(changed('l40s', withKey({ frames: 121, tokens: 27280 })))).toEqual([]);
  });

  test('and nothing of what remains is no number', () => {
    for (const runs of [six, referenceRuns])
      for (const { stated, found } of checkClaims(runs, referenceCards))
        for (const value of Object.values({ ...stated, ...found }))
          expect(value === null || Number.isFinite(value)).toBe(true);
  });
});
