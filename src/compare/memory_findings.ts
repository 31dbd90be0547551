/** What the runs say about memory: how much was needed, what keeping weights away costs, and where that is paid. */

import { clipOf, type Finding, found } from '../core/findings';
import { median } from '../core/median';
import type { CaseResult } from '../core/result';
import type { Run } from '../core/run';
import { type Case, denoiseSeconds, type Group, gapSeconds } from './group_runs';

export function memoryFindings(groups: readonly Group[]): Finding[] {
  return [
    ...groups.flatMap(peaks),
    ...groups.flatMap(residentAgainstOffloaded),
    ...elsewhere(groups),
    ...groups.flatMap(ownCases),
  ];
}

/** The largest of each manner of offloading. */
function peaks({ name, cases }: Group): Finding[] {
  const known = cases.filter(({ run }) => run.peakMemoryBytes !== null);
  const highest = new Map<Run['key']['offload'], Run>();
  for (const { run } of known) {
    const held = highest.get(run.key.offload);
    if (!held || run.peakMemoryBytes! > held.peakMemoryBytes!) highest.set(run.key.offload, run);
  }
  return [...highest].flatMap(([offload, run]) =>
    found('peak', { device: name, offload, bytes: run.peakMemoryBytes!, memoryBytes: run.device.memoryBytes }),
  );
}

export const offloaded = ({ cases }: Group) => cases.filter(({ run }) => run.key.offload === 'between-stages');
export const resident = ({ cases }: Group) => cases.filter(({ run }) => run.key.offload === 'resident');

const gapsOf = (cases: readonly Case[]) => cases.flatMap(({ runs }) => runs.flatMap((run) => gapSeconds(run) ?? []));

/** What offloading between stages costs once a video: what no stage accounts for. Null unless both manners ran. */
export function offloadSeconds(group: Group): number | null {
  const [away, here] = [gapsOf(offloaded(group)), gapsOf(resident(group))];
  return away.length > 0 && here.length > 0 ? median(away) - median(here) : null;
}

function residentAgainstOffloaded(group: Group): Finding[] {
  const sameSteps = resident(group).flatMap((here) =>
    offloaded(group).flatMap((away) => (away.run.key.steps === here.run.key.steps ? [{ away, here }] : [])),
  );
  return sameSteps.slice(0, 1).flatMap(({ away, here }) => {
    const [a, b] = [away.run, here.run];
    const [x, y] = [a.stages, b.stages];
    const lost = (from: number | null | undefined, to: number | null | undefined) =>
      (from ?? Number.NaN) - (to ?? Number.NaN);
    const [gapAway, gapHere] = [gapsOf(offloaded(group)), gapsOf(resident(group))];
    return [
      ...found('offload-saves', {
        device: group.name,
        offloadedSeconds: x.wall?.seconds ?? Number.NaN,
        residentSeconds: y.wall?.seconds ?? Number.NaN,
        steps: a.key.steps ?? Number.NaN,
        init: lost(x.init?.seconds, y.init?.seconds),
        encode: lost(x.encode?.seconds, y.encode?.seconds),
        denoise: lost(denoiseSeconds(a), denoiseSeconds(b)),
        decode: lost(x.decode?.seconds, y.decode?.seconds),
        gap: lost(median(gapsOf([away])), median(gapsOf([here]))),
        offloadedGap: median(gapAway),
        residentGap: median(gapHere),
        offloadedRuns: gapAway.length,
        residentRuns: gapHere.length,
      }),
      ...found('steps-unchanged', {
        device: group.name,
        offloaded: x.step?.seconds ?? Number.NaN,
        resident: y.step?.seconds ?? Number.NaN,
        decodeOffloaded: x.decode?.seconds ?? Number.NaN,
        decodeResident: y.decode?.seconds ?? Number.NaN,
      }),
      ...found('resident-need', {
        device: group.name,
        offloaded: a.peakMemoryBytes ?? Number.NaN,
        resident: b.peakMemoryBytes ?? Number.NaN,
      }),
    ];
  });
}

/** A resident run of the same work on another card, whose peak tells what would be needed here. */
export function residentElsewhere(group: Group, groups: readonly Group[]): { group: Group; run: Run } | null {
  const own = group.runs[0]!;
  if (resident(group).length > 0) return null;
  for (const other of groups) {
    const like = resident(other).find(({ run }) => needsTheSame(run, own) && run.peakMemoryBytes !== null);
    if (like) return { group: other, run: like.run };
  }
  return null;
}

/** All that memory depends on, but where the weights are. */
function needsTheSame({ key: a, software }: Run, other: Run): boolean {
  const b = other.key;
  const same = [
    'width',
    'height',
    'frames',
    'batch',
    'activations',
    'weights',
    'attention',
    'textEncoderOn',
    'gpus',
  ] as const;
  return software === other.software && same.every((field) => a[field] === b[field]);
}

function elsewhere(groups: readonly Group[]): Finding[] {
  return groups.flatMap((group) => {
    const like = residentElsewhere(group, groups);
    const { memoryBytes } = group.runs[0]!.device;
    if (!like || memoryBytes === null) return [];
    const need = like.run.peakMemoryBytes!;
    return found(need <= memoryBytes ? 'would-fit' : 'would-not-fit', {
      device: group.name,
      need,
      from: like.group.name,
      memoryBytes,
    });
  });
}

/** Of a machine's measured matrix, a table has all; here stands what waits most in each manner, and what failed. */
function ownCases({ name, runs }: Group): Finding[] {
  const cases = runs.flatMap((run) => run.cases);
  const waiting = (offload: CaseResult['key']['offload']) =>
    cases
      .filter(({ key, step, exposedSeconds }) => key.offload === offload && step?.seconds && exposedSeconds > 0)
      .sort((a, b) => b.exposedSeconds / b.step!.seconds - a.exposedSeconds / a.step!.seconds)
      .slice(0, 1);
  const failed = cases.filter(({ failure }) => failure !== null);
  return [...waiting('partial'), ...waiting('stream'), ...failed].flatMap((each) => ownCase(name, each));
}

function ownCase(device: string, { key, step, failure, ...each }: CaseResult): Finding[] {
  const { offload, weights, batch } = key;
  if (failure) return found('case-failed', { device, offload, weights, batch, peak: each.peakGpuBytes });
  if (!step) return [];
  return found('exposed', {
    device,
    clip: clipOf(key),
    offload,
    weights,
    batch,
    seconds: step.seconds,
    exposed: each.exposedSeconds,
    share: each.exposedSeconds / step.seconds,
    hidden: each.hiddenSeconds,
    streamed: each.streamedBytesPerStep,
  });
}
