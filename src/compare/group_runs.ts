/**
 * Runs put together as they belong: a case is one card doing one thing in one
 * manner, however often it was run; a group is a card's cases that differ in
 * nothing that changes a step. Runs that shared their card stay out of both.
 */
import { median } from '../core/median';
import type { Figure } from '../core/result';
import type { Run, RunKey, RunStage } from '../core/run';
import { cardName } from './card';
import { nameText } from './inline_text';
import { denoiseAt, weakest } from './stage_sums';

export interface Case {
  readonly runs: readonly Run[];
  /** The runs as one: medians, with the single runs' seconds as samples. */
  readonly run: Run;
}

export interface Group {
  /** The card's short name, and what tells it from the same card's other groups. */
  readonly name: string;
  readonly cases: readonly Case[];
  readonly runs: readonly Run[];
  /** Over all cases. */
  readonly step: Figure | null;
  readonly decode: Figure | null;
}

/** In the order in which their first runs were given. */
export function groupRuns(runs: readonly Run[]): Group[] {
  const usable = runs.filter(({ contended }) => !contended);
  const groups = [...groupBy(usable, groupKey).values()].map((members) => ({
    cases: [...groupBy(members, caseKey).values()].map((each) => ({ runs: each, run: pooledRun(each) })),
    runs: members,
    step: pooled(members, 'step'),
    decode: pooled(members, 'decode'),
  }));
  return groups.map((group) => ({ ...group, name: groupName(group.runs[0]!, usable) }));
}

function groupBy(runs: readonly Run[], keyOf: (run: Run) => string): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) groups.set(keyOf(run), [...(groups.get(keyOf(run)) ?? []), run]);
  return groups;
}

export const deviceName = ({ device, software }: Run): string => nameText(cardName(device.name) || software);

/** Weights are on the GPU throughout the steps in all of these, so a step is the same. */
const WEIGHTS_STAY: readonly RunKey['offload'][] = ['resident', 'between-stages'];

const manner = ({ offload }: RunKey) => (WEIGHTS_STAY.includes(offload) ? 'stay' : offload);

function groupKey({ device, software, key }: Run): string {
  const { steps, textEncoderOn, promptTokens, ...rest } = key;
  return JSON.stringify([device.name, software, { ...rest, offload: manner(key) }]);
}

const caseKey = ({ key }: Run): string => JSON.stringify(key);

/** Of a card's several groups the first thing in which they differ tells them apart. */
function groupName(run: Run, among: readonly Run[]): string {
  const name = deviceName(run);
  const others = among.filter((each) => deviceName(each) === name && groupKey(each) !== groupKey(run));
  const details = [
    (each: Run) => (each.key.width === null ? '' : `${each.key.width}×${each.key.height}×${each.key.frames ?? '?'}`),
    (each: Run) => each.software,
    (each: Run) => [each.key.activations, each.key.weights].filter(Boolean).join('/'),
    (each: Run) => String(each.key.offload ?? ''),
    (each: Run) => (each.key.batch === null ? '' : `×${each.key.batch}`),
    (each: Run) => each.key.attention ?? '',
  ];
  const telling = details.filter((detail) => others.some((other) => detail(other) !== detail(run)));
  const told = telling.map((detail) => detail(run)).filter(Boolean);
  return told.length > 0 ? nameText(`${name} (${told.join(', ')})`) : name;
}

/** A case of one run is that run. */
function pooledRun(runs: readonly Run[]): Run {
  const [first] = runs as [Run];
  if (runs.length === 1) return first;
  const stages = Object.keys(first.stages).map((stage) => [stage, pooled(runs, stage as RunStage)]);
  const peaks = runs.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  return {
    ...first,
    name: runs.map(({ name }) => name).join(', '),
    stages: Object.fromEntries(stages) as Run['stages'],
    peakMemoryBytes: peaks.length > 0 ? Math.max(...peaks) : null,
  };
}

/** All samples of all runs; a run without samples counts as one. Null where no run has the stage. */
export function pooled(runs: readonly Run[], stage: RunStage): Figure | null {
  const figures = runs.flatMap(({ stages }) => stages[stage] ?? []);
  if (figures.length < 2) return figures[0] ?? null;
  const samples = figures.flatMap(({ samples, seconds }) => (samples.length > 0 ? samples : [seconds]));
  return { kind: weakest(figures.map(({ kind }) => kind)), seconds: median(samples), samples };
}

/** Of all steps, as they ran. */
export function denoiseSeconds({ key, stages }: Run): number | null {
  return stages.step && key.steps !== null ? denoiseAt(stages.step, key.steps, key.steps).seconds : null;
}

/** What of the clock's time no stage accounts for: moving networks, saving the video. Null unless all is known. */
export function gapSeconds(run: Run): number | null {
  const { wall, init, encode, image, decode } = run.stages;
  const denoise = denoiseSeconds(run);
  if (!wall || !init || !encode || !decode || denoise === null) return null;
  const gap = wall.seconds - init.seconds - encode.seconds - (image?.seconds ?? 0) - denoise - decode.seconds;
  return gap > 0 ? gap : null;
}
