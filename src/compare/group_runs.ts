/**
 * Runs put together as they belong: a case is one card doing one thing in one
 * manner, however often it was run; a group is a card's cases that differ in
 * nothing that changes a step. Runs that shared their card stay out of both.
 */
import { median } from '../core/median';
import type { Figure } from '../core/result';
import { RUN_STAGES, type Run, type RunKey, type RunStage } from '../core/run';
import { byteCount } from '../words/format';
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
  const cards = groupBy(usable, deviceName);
  return groups.map((group) => {
    const [run] = group.runs as [Run];
    const own = new Set(group.runs);
    const others = cards.get(deviceName(run))!.filter((each) => !own.has(each));
    return { ...group, name: groupName(run, others) };
  });
}

function groupBy(runs: readonly Run[], keyOf: (run: Run) => string): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) {
    const key = keyOf(run);
    const members = groups.get(key);
    if (members) members.push(run);
    else groups.set(key, [run]);
  }
  return groups;
}

/** Of some runs only the program is known, or nothing but their name. */
export const deviceName = ({ device, software, name }: Run): string =>
  nameText(cardName(device.name)) || nameText(software) || nameText(name);

/** Weights are on the GPU throughout the steps in all of these, so a step is the same. */
const WEIGHTS_STAY: readonly RunKey['offload'][] = ['resident', 'between-stages'];

const STAY = 'stay';
const manner = ({ offload }: RunKey) => (WEIGHTS_STAY.includes(offload) ? STAY : offload);

/** What memory is allowed says how much of the weights passes in every step. */
const partOf = ({ key, memory }: Run) => (key.offload === 'partial' ? memory.limitBytes : null);

function groupKey(run: Run): string {
  const { device, software, key } = run;
  const { steps, textEncoderOn, promptTokens, ...rest } = key;
  return JSON.stringify([device.name, framework(software), { ...rest, offload: manner(key) }, partOf(run)]);
}

/** Publishers of PyTorch's times write its name and what they built on it in several ways. */
const framework = (software: string) => /^(?:py)?torch (\S+?),?(?: |$)/i.exec(software)?.[1] ?? software;

const caseKey = ({ key }: Run): string => JSON.stringify(key);

/** What may tell a card's groups apart, as short as it can be said in every language. */
const DETAILS: readonly ((run: Run) => string | number | boolean | null)[] = [
  ({ key }) => (key.width === null ? null : `${key.width}×${key.height}×${key.frames ?? '?'}`),
  ({ software }) => software.split(',')[0] ?? null,
  ({ key }) => (key.gpus === null ? null : `${key.gpus} GPU`),
  ({ key }) => key.weights,
  ({ key }) => key.activations,
  ({ key }) => (manner(key) === STAY ? null : manner(key)),
  (run) => {
    const limitBytes = partOf(run);
    return limitBytes === null ? null : byteCount(limitBytes);
  },
  ({ key }) => (key.batch === null ? null : `batch ${key.batch}`),
  ({ key }) => key.attention,
  ({ key }) => key.decoder,
];

/** As many details as tell it from the runs of its card's other groups; those of which little is known may read alike. */
function groupName(run: Run, ofOthers: readonly Run[]): string {
  const name = deviceName(run);
  let others = ofOthers;
  const told: string[] = [];
  for (const detail of DETAILS) {
    const own = detail(run);
    const left = others.filter((other) => detail(other) === own);
    if (own === null || own === '' || left.length === others.length) continue;
    told.push(String(own));
    others = left;
  }
  return told.length > 0 ? nameText(`${name} (${told.join(', ')})`) : name;
}

/** A case of one run is that run. */
function pooledRun(runs: readonly Run[]): Run {
  const [first] = runs as [Run];
  if (runs.length === 1) return first;
  const stages = RUN_STAGES.map((stage) => [stage, pooled(runs, stage)]);
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
