/** Claims about what must be on the card, what keeping it elsewhere costs, and when that is paid. */

import { type Claim, claim } from '../core/claim';
import { extent } from '../core/extent';
import { median } from '../core/median';
import type { Run } from '../core/run';
import { PARAMETERS } from '../core/wan_weights';
import { denoiseSeconds, gapSeconds } from './group_runs';
import { BLACKWELL, L40S, runsOf, type SeedPair, type SeedRun } from './seed_pairs';

const GIB = 2 ** 30;

export function memoryClaims(pairs: readonly SeedPair[], runs: readonly Run[]): Claim[] {
  const paired = pairs.map(({ blackwell }) => blackwell.run);
  const resident = paired.find(({ key }) => key.offload === 'resident');
  return [
    ...prefetch(pairs),
    ...(resident
      ? [...peaks(resident, paired), ...outOfMemory(resident, pairs, runs), ...saved(resident, paired, runs)]
      : []),
  ];
}

function peaks(resident: Run, paired: readonly Run[]): Claim[] {
  const offloaded = paired.find(({ key }) => key.offload === 'between-stages');
  if (!resident.peakMemoryBytes || !offloaded?.peakMemoryBytes) return [];
  const stated = { gib: 42.2 };
  const found = { residentBytes: resident.peakMemoryBytes, offloadedBytes: offloaded.peakMemoryBytes };
  const isSo = Math.abs(found.residentBytes / GIB - stated.gib) < 0.05;
  return claim('peak-memory', { stated, found }, isSo ? 'confirmed' : 'not-supported');
}

/** That a run failed needs a run: one that went well refutes it, one that could not have fitted bears it out. */
function outOfMemory(resident: Run, [pair]: readonly SeedPair[], runs: readonly Run[]): Claim[] {
  const { memoryBytes } = pair!.l40s.run.device;
  const needBytes = resident.peakMemoryBytes;
  if (!memoryBytes || !needBytes || resident.key.weights !== 'f32') return [];
  const residentRuns = runsOf(runs, L40S).filter(({ key }) => key.offload === 'resident').length;
  const bf16Bytes = needBytes - 2 * PARAMETERS.transformer;
  const verdict = residentRuns > 0 ? 'not-supported' : needBytes > memoryBytes ? 'confirmed' : 'unproven';
  return claim(
    'out-of-memory',
    { stated: { cardGb: 48 }, found: { needBytes, cardBytes: memoryBytes, bf16Bytes, residentRuns } },
    verdict,
  );
}

/** Of the 18 s at least so much should be offloading's for the claim to stand. */
const MOST_OF = 0.8;

function saved(resident: Run, paired: readonly Run[], runs: readonly Run[]): Claim[] {
  const away = paired.find(({ key }) => key.offload === 'between-stages' && key.steps === resident.key.steps);
  if (!away) return [];
  const lost = (of: (run: Run) => number | null | undefined) => (of(away) ?? Number.NaN) - (of(resident) ?? Number.NaN);
  const likewise = runsOf(runs, BLACKWELL).filter(({ key }) => key.frames === resident.key.frames);
  const gaps = (offload: Run['key']['offload']) =>
    likewise.filter(({ key }) => key.offload === offload).flatMap((run) => gapSeconds(run) ?? []);
  const [offloaded, stayed] = [gaps('between-stages'), gaps('resident')];
  const found = {
    seconds: lost(({ stages }) => stages.wall?.seconds),
    init: lost(({ stages }) => stages.init?.seconds),
    text: lost(({ stages }) => stages.encode?.seconds),
    steps: lost(denoiseSeconds),
    decode: lost(({ stages }) => stages.decode?.seconds),
    rest: lost(gapSeconds),
    offload: median(offloaded) - median(stayed),
    offloadedRuns: offloaded.length,
    residentRuns: stayed.length,
  };
  if (!Object.values(found).every(Number.isFinite)) return [];
  const stated = { seconds: 18 };
  return claim(
    'no-offload-saves',
    { stated, found },
    found.offload >= MOST_OF * stated.seconds ? 'confirmed' : 'not-supported',
  );
}

/** Below a hundredth of the steps nothing is being swapped in them. */
const SWAPPING = 0.01;

function prefetch(pairs: readonly SeedPair[]): Claim[] {
  const all = pairs.flatMap(({ l40s, blackwell }) => [l40s, blackwell]);
  const offloaded = all.filter(({ run }) => run.key.offload === 'between-stages');
  const loading = offloaded.map((each) => sumOf(each, /^Step_\d+_Loading$/));
  const steps = offloaded.map((each) => sumOf(each, /^Step_\d+_Inference$/));
  if (offloaded.length === 0 || steps.some((seconds) => !(seconds > 0))) return [];
  const loadingShare = extent(loading.map((seconds, i) => seconds / steps[i]!)).max;
  const blackwell = pairs.map((pair) => pair.blackwell.run);
  const stepOf = (offload: Run['key']['offload']) =>
    blackwell.find(({ key }) => key.offload === offload)?.stages.step?.seconds ?? null;
  const found = {
    loadingSeconds: extent(loading).max,
    loadingShare,
    offloadedStep: stepOf('between-stages'),
    residentStep: stepOf('resident'),
  };
  return claim(
    'prefetch',
    { stated: { loadingShare: SWAPPING }, found },
    loadingShare < SWAPPING ? 'not-supported' : 'confirmed',
  );
}

const sumOf = ({ stages }: SeedRun, name: RegExp): number =>
  stages.reduce((sum, stage) => sum + (name.test(stage.name) ? stage.seconds : 0), 0);
