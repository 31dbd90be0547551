/**
 * Engines side by side: each prepares the same work and is checked, then all take turns. What counts is the ratio
 * within a round, since what else the machine does changes between rounds.
 */
import { deviation } from '../../src/core/deviation';
import { median } from '../../src/core/median';
import type { PeerCase } from './cases';
import type { Engine, EngineName, Prepared } from './engine';
import { sampledReference } from './reference';
import type { Roof } from './roof';
import { type Activation, workFlops } from './work';

/** A sample lasts this long at least, so that starting and waiting are a small part of it. */
const SAMPLE_SECONDS = 0.15;
/** f32 sums in any order, and f16 sums of a depth of 14336 in groups: what no correct kernel exceeds. */
const TOLERANCE: Record<Activation, number> = { f32: 1e-4, f16: 3e-2 };

export interface EngineTimes {
  /** At sampled elements, against double precision. */
  readonly relL2: number;
  /** In a sample. */
  readonly calls: number;
  /** Of one call, by round. */
  readonly seconds: readonly number[];
}

export interface PeerTimes {
  readonly kernel: PeerCase['kernel'];
  readonly title: string;
  readonly type: Activation;
  readonly flop: number;
  /** Of our loop of multiply-adds, by round. */
  readonly roofFlopsPerSecond: readonly number[];
  /** Those that have the operation and got it right. */
  readonly engines: Readonly<Partial<Record<EngineName, EngineTimes>>>;
  /** Those that failed, and how. */
  readonly leftOut: Readonly<Partial<Record<EngineName, string>>>;
}

/** The median over the rounds of how long the peer took by what ours took, the least and the most of it. Null: it did not run. */
export function ratioTo(
  { engines }: PeerTimes,
  peer: EngineName,
): { median: number; low: number; high: number } | null {
  const [ours, theirs] = [engines.ours, engines[peer]];
  if (!ours || !theirs) return null;
  const ratios = theirs.seconds.map((seconds, round) => seconds / ours.seconds[round]!);
  if (ratios.length === 0 || !ratios.every((ratio) => Number.isFinite(ratio) && ratio > 0)) return null;
  return { median: median(ratios), low: Math.min(...ratios), high: Math.max(...ratios) };
}

/** FLOP/s of the median call, or null. */
export function rateOf({ flop, engines }: PeerTimes, engine: EngineName): number | null {
  const times = engines[engine];
  return times ? flop / median(times.seconds) : null;
}

/** Ours over what the adapter could do in the same round, or over a roof given; the median. Null: ours did not run. */
export function shareOfRoof({ flop, engines, roofFlopsPerSecond }: PeerTimes, roof: number | null): number | null {
  if (!engines.ours) return null;
  return median(engines.ours.seconds.map((seconds, round) => flop / seconds / (roof ?? roofFlopsPerSecond[round]!)));
}

export async function measureCase(
  device: GPUDevice,
  engines: readonly Engine[],
  roof: Roof,
  { kernel, title, make }: PeerCase,
  rounds: number,
): Promise<PeerTimes> {
  const work = make();
  const expected = sampledReference(work);
  const leftOut: Partial<Record<EngineName, string>> = {};
  const entrants: { name: EngineName; prepared: Prepared; relL2: number; calls: number; seconds: number[] }[] = [];
  const roofFlopsPerSecond: number[] = [];
  try {
    for (const { name, prepare } of engines) {
      const outcome = await checked(device, () => prepare(work), expected, TOLERANCE[work.type]);
      if (typeof outcome === 'string') leftOut[name] = outcome;
      else if (outcome)
        entrants.push({ name, ...outcome, calls: await callsFor(device, outcome.prepared), seconds: [] });
    }
    for (let round = 0; round < rounds; round++) {
      roofFlopsPerSecond.push(await roof.rate());
      for (let turn = 0; turn < entrants.length; turn++) {
        const entrant = entrants[(round + turn) % entrants.length]!;
        entrant.seconds.push(await secondsOf(device, entrant.prepared, entrant.calls));
      }
    }
  } finally {
    for (const { prepared } of entrants) await prepared.release();
  }
  const times = entrants.map(({ name, relL2, calls, seconds }) => [name, { relL2, calls, seconds }] as const);
  return {
    kernel,
    title,
    type: work.type,
    flop: workFlops(work),
    roofFlopsPerSecond,
    engines: Object.fromEntries(times),
    leftOut,
  };
}

/** The engine made ready and found right, null where it has no such operation, or what is wrong. */
async function checked(
  device: GPUDevice,
  prepare: () => Promise<Prepared | null>,
  { positions, values }: ReturnType<typeof sampledReference>,
  tolerance: number,
): Promise<{ prepared: Prepared; relL2: number } | string | null> {
  let prepared: Prepared | null = null;
  device.pushErrorScope('validation');
  let failure: string | null = null;
  let relL2 = Number.POSITIVE_INFINITY;
  try {
    prepared = await prepare();
    if (prepared) {
      await prepared.run(1);
      const result = await prepared.result();
      relL2 = deviation(
        positions.map((position) => result[position]!),
        values,
      ).relL2;
      if (!(relL2 <= tolerance))
        failure = `wrong: its relative error is ${relL2.toPrecision(2)}, allowed is ${tolerance}`;
    }
  } catch (thrown) {
    failure = `failed: ${firstLine(thrown)}`;
  }
  const refused = await device.popErrorScope();
  if (refused) failure = `refused: ${firstLine(refused)}`;
  if (!failure) return prepared && { prepared, relL2 };
  await prepared?.release();
  return failure;
}

const firstLine = (error: unknown) => String((error as Error).message ?? error).split('\n')[0]!;

async function callsFor(device: GPUDevice, prepared: Prepared): Promise<number> {
  return Math.max(1, Math.ceil(SAMPLE_SECONDS / (await secondsOf(device, prepared, 1))));
}

/** Of one call among so many, from the first one's start until the GPU is done with the last. */
async function secondsOf(device: GPUDevice, prepared: Prepared, calls: number): Promise<number> {
  const began = performance.now();
  await prepared.run(calls);
  await device.queue.onSubmittedWorkDone();
  return (performance.now() - began) / 1000 / calls;
}
