/** What to do about weights that do not stay on the card: store them in fewer bits, or keep them there. */

import { clipOf, type Finding, found } from '../core/findings';
import { firstBy } from '../core/first_by';
import { median } from '../core/median';
import type { CaseResult } from '../core/result';
import type { Run } from '../core/run';
import { bytesPerWeight, PARAMETERS } from '../core/wan_weights';
import { type Group, gapSeconds } from './group_runs';
import { offloadSeconds, resident, residentElsewhere } from './memory_findings';

export function recommendMemory(groups: readonly Group[]): Finding[] {
  return [
    ...groups.flatMap((group) => narrowerWeights(group, groups)),
    ...groups.flatMap(keepResident),
    ...groups.flatMap(({ name, runs }) =>
      runs.flatMap((run) => [...residentStep(name, run), ...quantiseStream(name, run)]),
    ),
  ];
}

/** PyTorch's context, fragments and the display want some of a card's memory. */
const USABLE = 0.95;

/** With the most steps: what is saved once a video weighs least there. */
export const longestRun = ({ runs }: Group): Run =>
  runs.reduce((most, run) => ((run.key.steps ?? 0) > (most.key.steps ?? 0) ? run : most));

/** A card that only ran offloaded, while all would stay on it if the weights were stored in fewer bits. */
function narrowerWeights(group: Group, groups: readonly Group[]): Finding[] {
  const like = residentElsewhere(group, groups);
  const gaps = group.runs.flatMap((run) => gapSeconds(run) ?? []);
  const run = longestRun(group);
  const { memoryBytes } = run.device;
  const from = bytesPerWeight(run.key.weights);
  if (!like || gaps.length === 0 || memoryBytes === null || from === null) return [];
  const need = like.run.peakMemoryBytes!;
  const needWith = (type: string) => need - PARAMETERS.transformer * (from - bytesPerWeight(type)!);
  const to = ['bf16', 'fp8'].find((type) => bytesPerWeight(type)! < from && needWith(type) <= memoryBytes * USABLE);
  if (!to) return [];
  return found('narrower-weights', {
    device: group.name,
    from: run.key.weights!,
    to,
    need,
    needFrom: like.group.name,
    needThen: needWith(to),
    needFp8: needWith('fp8'),
    memoryBytes,
    savedSeconds: median(gaps),
    seenSeconds: offloadSeconds(like.group),
    wallSeconds: run.stages.wall?.seconds ?? null,
  });
}

/** Where both manners ran, and keeping everything was the shorter one. */
function keepResident(group: Group): Finding[] {
  const savedSeconds = offloadSeconds(group);
  const [here] = resident(group);
  if (savedSeconds === null || savedSeconds <= 0 || !here || here.run.peakMemoryBytes === null) return [];
  return found('keep-resident', {
    device: group.name,
    need: here.run.peakMemoryBytes,
    memoryBytes: here.run.device.memoryBytes,
    savedSeconds,
    wallSeconds: here.run.stages.wall?.seconds ?? null,
  });
}

/** Of cases measured with all weights on the card and without: what that makes of a step, where it makes most. */
function residentStep(device: string, { cases }: Run): Finding[] {
  const residents = cases.filter(({ key, step }) => key.offload === 'resident' && step?.seconds);
  const byWork = firstBy(residents, workOf);
  const pairs = cases.flatMap((away) => {
    const here = byWork.get(workOf(away));
    if (away.key.offload === 'resident' || !away.step || !here?.step) return [];
    return [{ away, here, seconds: away.step.seconds, resident: here.step.seconds }];
  });
  const best = pairs.sort((a, b) => b.seconds / b.resident - a.seconds / a.resident)[0];
  if (!best || best.seconds < best.resident * (1 + WORTH_SAVING)) return [];
  const { away, here, seconds, resident } = best;
  const { offload } = away.key;
  return found('resident-step', {
    device,
    clip: clipOf(away.key),
    offload,
    seconds,
    resident,
    ratio: seconds / resident,
    need: here.peakGpuBytes,
  });
}

const workOf = ({ key }: CaseResult) => JSON.stringify({ ...key, offload: '' });

/** Exposed time below this share of a step is not worth another checkpoint. */
const WORTH_SAVING = 0.02;

/**
 * Of the measured cases that stream all, the one that waits longest for its weights, with the widest type that mends it.
 * In the peak of a partial one are weights of the wide type, and no case says how many.
 */
function quantiseStream(device: string, run: Run): Finding[] {
  const waiting = run.cases
    .filter(({ key, step, exposedSeconds }) => {
      return key.offload === 'stream' && step?.seconds && exposedSeconds > WORTH_SAVING * step.seconds;
    })
    .sort((a, b) => b.exposedSeconds - a.exposedSeconds);
  return waiting.slice(0, 1).flatMap((each) => quantised(device, run, each));
}

function quantised(device: string, run: Run, each: CaseResult): Finding[] {
  const from = bytesPerWeight(each.key.weights);
  const budget = each.memoryBytes ?? run.memory.limitBytes ?? run.device.memoryBytes;
  if (from === null || !each.step) return [];
  const narrower = ['q8_0', 'q4_k'].filter((type) => bytesPerWeight(type)! < from);
  const options = narrower.map((to) => {
    const streamedThen = (each.streamedBytesPerStep * bytesPerWeight(to)!) / from;
    const need = each.peakGpuBytes + streamedThen;
    return { to, streamedThen, need, fits: budget !== null && need <= budget };
  });
  const best = options.find(({ fits }) => fits) ?? options[0];
  if (!best) return [];
  const savedPerStep = best.fits
    ? each.exposedSeconds
    : each.exposedSeconds * (1 - best.streamedThen / each.streamedBytesPerStep);
  return found('quantise-stream', {
    device,
    from: each.key.weights,
    ...best,
    streamed: each.streamedBytesPerStep,
    budget,
    exposed: each.exposedSeconds,
    stepSeconds: each.step.seconds,
    savedPerStep,
    share: savedPerStep / each.step.seconds,
  });
}
