/** Runs that reports are tested on: the source report's, all published ones, and a machine measured from within. */
import { readFile } from 'node:fs/promises';
import type { Card } from '../../src/compare/card';
import { importRuns } from '../../src/compare/import_runs';
import { runOfResult } from '../../src/compare/run_of';
import type { CaseResult, Figure, Offload } from '../../src/core/result';
import type { Run } from '../../src/core/run';
import { exampleResult } from './example_result';

const file = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');
const reference = async (name: string) => JSON.parse(await file(`../../public/reference/${name}.json`));

export const cards: readonly Card[] = (await reference('cards')).cards;
export const published: readonly Run[] = (await reference('runs')).runs;

export const SOURCE_FILES = [
  'l40s_01_Speed_Preview_480p',
  'l40s_02_Efficiency_Mode_720p',
  'l40s_03_Performance_Mode_720p',
  'blackwell_01_Speed_Preview_480p',
  'blackwell_02_Efficiency_Mode_720p',
  'blackwell_03_Performance_Mode_720p',
];

/** The six runs that the source report is about, as the command line reads them. */
export const sourceRuns: readonly Run[] = (
  await Promise.all(
    SOURCE_FILES.map(async (name) => {
      const imported = importRuns(await file(`seed-runs/${name}.json`), { name: `${name}.json`, url: null });
      if (!imported.ok) throw new Error(`${name}: ${JSON.stringify(imported.refusal)}`);
      return imported.runs;
    }),
  )
).flat();

const measured = (seconds: number): Figure => ({ kind: 'measured', seconds, samples: [seconds, seconds, seconds] });

const { key } = exampleResult();

function measuredCase(offload: Offload, batch: number, seconds: number, changes: Partial<CaseResult> = {}): CaseResult {
  return {
    key: { ...key, offload, batch },
    memoryBytes: null,
    step: measured(seconds),
    peakGpuBytes: 9e9,
    streamedBytesPerStep: 0,
    exposedSeconds: 0,
    hiddenSeconds: 0,
    failure: null,
    ...changes,
  };
}

/** Has everything that a machine can be measured for from within. Not a measurement of anything. */
export const ownRun: Run = runOfResult(
  exampleResult({
    roofs: { ...exampleResult().roofs, matrixFlopsPerSecond: 100e12 },
    checks: [{ key, stage: 'step', measuredSeconds: 2, projectedSeconds: 2.2 }],
    cases: [
      measuredCase('resident', 1, 2),
      measuredCase('resident', 2, 3.6),
      measuredCase('stream', 1, 2.9, {
        memoryBytes: 6e9,
        peakGpuBytes: 0.7e9,
        streamedBytesPerStep: 8.7e9,
        exposedSeconds: 0.9,
        hiddenSeconds: 1.1,
      }),
      measuredCase('resident', 4, 0, {
        step: null,
        peakGpuBytes: 12e9,
        failure: { code: 'out-of-memory', message: 'Too large.' },
      }),
    ],
    timeline: [
      { lane: 'encode', fromSeconds: 0, toSeconds: 1, label: '' },
      { lane: 'denoise', fromSeconds: 1.5, toSeconds: 11.5, label: '' },
      { lane: 'decode', fromSeconds: 12, toSeconds: 18, label: '' },
    ],
    memory: {
      limitBytes: 8e9,
      samples: [
        { atSeconds: 1, bytes: 1e9 },
        { atSeconds: 16, bytes: 1.6e9 },
      ],
    },
  }),
);

/** The same machine, foretelling 121 frames. */
export const ownRunOf121: Run = {
  ...ownRun,
  id: 'own-121',
  projection: ownRun.projection && {
    ...ownRun.projection,
    key: { ...ownRun.projection.key, frames: 121, tokens: 27280 },
  },
};
