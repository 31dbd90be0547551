/** What to do about the work itself: the text encoder's place, batches, steps, precision, tiles, length. */

import { clipOf, type Finding, found } from '../core/findings';
import { firstBy } from '../core/first_by';
import type { CaseResult, Span } from '../core/result';
import type { Run } from '../core/run';
import { stepFlops, textFlops } from '../core/wan_flops';
import { bytesPerWeight, PARAMETERS } from '../core/wan_weights';
import type { Card } from './card';
import { cardOf } from './card';
import { deviceName, type Group, pooled } from './group_runs';
import { nameText } from './inline_text';
import { arithmeticRoof } from './kernel_rows';
import { offloaded } from './memory_findings';
import { longestRun } from './recommend_memory';
import { isTextOnCpu } from './system_findings';
import { stepRate, wanWorkOf } from './utilisation';

export function recommendWork(groups: readonly Group[], runs: readonly Run[], cards: readonly Card[]): Finding[] {
  return [
    ...groups.flatMap((group) => textEncoder(group, runs)),
    ...groups.flatMap((group) => batches(group, cards)),
    ...groups.flatMap(fewerSteps),
    ...groups.flatMap(flashInUse),
    ...groups.flatMap(idleMatrixUnits),
    ...groups.flatMap(tiledDecode),
    ...groups.flatMap(longer),
  ];
}

function textEncoder(group: Group, runs: readonly Run[]): Finding[] {
  const cpu = group.runs.filter(isTextOnCpu);
  const figure = pooled(cpu, 'encode');
  const run = longestRun(group);
  const rate = stepRate(group);
  const work = wanWorkOf(run.key);
  if (!figure || !rate || !work) return [];
  const { name: device } = group;
  const { seconds } = figure;
  const measured = runs
    .filter(
      ({ key, origin, stages }) =>
        key.textEncoderOn === 'gpu' && origin !== 'own' && origin !== 'video' && stages.encode,
    )
    .sort((a, b) => a.stages.encode!.seconds - b.stages.encode!.seconds)[0];
  const thenSeconds = measured?.stages.encode?.seconds ?? textFlops(work) / rate.perSecond;
  const wallSeconds = run.stages.wall?.seconds ?? null;
  return [
    ...found('text-on-gpu', {
      device,
      seconds,
      thenSeconds,
      from: measured ? nameText(`${measured.name}, ${deviceName(measured)}`) : null,
      bytes: PARAMETERS.textEncoder * bytesPerWeight('bf16')!,
      savedSeconds: seconds - thenSeconds,
      wallSeconds,
    }),
    ...found('keep-embeddings', { device, seconds, savedSeconds: seconds, wallSeconds }),
  ];
}

/** As measured; else what a batch could save at most: the weights are read once for all of its videos. */
function batches(group: Group, cards: readonly Card[]): Finding[] {
  const { name: device, runs, step } = group;
  const run = runs[0]!;
  const measured = batchMeasured(device, run);
  if (measured.length > 0) return measured;
  if (run.gpuBusy !== null && run.gpuBusy > 0)
    return found('batch-busy', { device, busy: run.gpuBusy, gain: 1 / run.gpuBusy - 1 });
  const card = cardOf(run.device.name, cards);
  const bytes = bytesPerWeight(run.key.weights);
  if (!step || !card || bytes === null || run.key.guidance === null || (run.key.gpus ?? 1) > 1) return [];
  const weightBytes = PARAMETERS.transformer * bytes * (run.key.guidance ? 2 : 1);
  const weightSeconds = weightBytes / card.bytesPerSecond;
  const gain = 1 / (1 - weightSeconds / step.seconds) - 1;
  return found('batch-bound', { device, weightBytes, weightSeconds, stepSeconds: step.seconds, gain });
}

/** Where batches gain most and where least, each against the same case alone. */
function batchMeasured(device: string, { cases }: Run): Finding[] {
  const single = firstBy(
    cases.filter(({ key, step }) => key.batch === 1 && step),
    workOf,
  );
  const gains = cases.flatMap((each) => {
    const alone = single.get(workOf(each));
    if (each.key.batch < 2 || !each.step?.seconds || !alone?.step) return [];
    const { batch, offload } = each.key;
    const gain = (batch * alone.step.seconds) / each.step.seconds - 1;
    return [{ clip: clipOf(each.key), offload, batch, seconds: each.step.seconds, single: alone.step.seconds, gain }];
  });
  const [most, ...rest] = gains.sort((a, b) => b.gain - a.gain);
  const least = rest.at(-1);
  return [most, least].flatMap((values) => (values ? found('batch-measured', { device, ...values }) : []));
}

const workOf = ({ key }: CaseResult) => JSON.stringify({ ...key, batch: 1 });

/** The published default, a common choice, and FastWan's three, which need no guidance: half a step each. */
const STEPS = { usual: 50, fewer: 20, few: 3 } as const;

function fewerSteps(group: Group): Finding[] {
  const run = longestRun(group);
  const { key, stages } = run.projection ?? run;
  const { encode, decode } = stages;
  const step = run.projection ? stages.step : group.step;
  if (!encode || !decode || !step || key.guidance !== true || !wanWorkOf(key)) return [];
  const fixed = encode.seconds + decode.seconds;
  const seconds = fixed + STEPS.usual * step.seconds;
  const fewerSeconds = fixed + STEPS.fewer * step.seconds;
  const fewSeconds = fixed + (STEPS.few * step.seconds) / 2;
  return found('fewer-steps', {
    device: group.name,
    clip: clipOf(key),
    projected: run.projection !== null,
    steps: STEPS.usual,
    fewer: STEPS.fewer,
    few: STEPS.few,
    seconds,
    fewerSeconds,
    fewerRatio: seconds / fewerSeconds,
    fewSeconds,
    fewRatio: seconds / fewSeconds,
    decodeShare: decode.seconds / fewSeconds,
    decodeSeconds: decode.seconds,
  });
}

/** Worth a try from here on. */
const FASTER = 1.1;

function idleMatrixUnits({ name: device, runs }: Group): Finding[] {
  const { kernels, roofs } = runs[0]!;
  const matrix = roofs?.matrixFlopsPerSecond;
  if (!roofs || !matrix) return [];
  const roof = arithmeticRoof(kernels, roofs);
  return matrix > FASTER * roof ? found('matrix-units', { device, matrix, roof, gain: matrix / roof }) : [];
}

/** Nothing is left to gain by what is there already. */
function flashInUse({ name: device, runs }: Group): Finding[] {
  const inUse = runs.every(({ key, origin }) => origin !== 'own' && key.attention?.startsWith('flash'));
  return inUse ? found('flash-in-use', { device, runs: runs.length }) : [];
}

/** Where decoding needs more memory than anything before it. */
function tiledDecode({ name: device, runs }: Group): Finding[] {
  const { timeline, memory } = runs[0]!;
  const spans = timeline.filter(({ lane }) => lane === 'decode');
  const within = ({ fromSeconds, toSeconds }: Span, at: number) => at >= fromSeconds && at <= toSeconds;
  const isDecoding = (at: number) => spans.some((span) => within(span, at));
  const peak = (wanted: boolean) =>
    Math.max(...memory.samples.filter(({ atSeconds }) => isDecoding(atSeconds) === wanted).map(({ bytes }) => bytes));
  const [decodePeak, otherPeak] = [peak(true), peak(false)];
  return decodePeak > FASTER * otherPeak ? found('tiled-decode', { device, decodePeak, otherPeak }) : [];
}

const USABLE = 0.95;
const FRAMES_PER_SECOND = 24;

/**
 * The longest clip whose steps fit the card, weights and all. While the text encoder is elsewhere a step holds the
 * transformer, the video coder (f32 in the published code) and activations in proportion to the tokens.
 */
function longer(group: Group): Finding[] {
  const run = offloaded(group)[0]?.run;
  const work = run && wanWorkOf(run.key);
  const bytes = bytesPerWeight(run?.key.weights ?? null);
  if (!run || !work || !group.step || bytes === null || run.peakMemoryBytes === null || !isTextOnCpu(run)) return [];
  const { tokens, gpus } = run.key;
  const { memoryBytes } = run.device;
  if (tokens === null || memoryBytes === null || (gpus ?? 1) > 1) return [];
  const networks = PARAMETERS.transformer * bytes + PARAMETERS.videoCoder * bytesPerWeight('f32')!;
  const bytesAToken = (run.peakMemoryBytes - networks) / tokens;
  if (bytesAToken <= 0) return [];
  const most = (memoryBytes * USABLE - networks) / bytesAToken;
  const frameTokens = (work.width / 32) * (work.height / 32);
  const frames = (Math.floor(most / frameTokens) - 1) * 4 + 1;
  if (frames <= work.frames) return [];
  return found('longer', {
    device: group.name,
    memoryBytes,
    tokens: ((frames - 1) / 4 + 1) * frameTokens,
    frames,
    ranFrames: work.frames,
    bytesAToken,
    stepSeconds: (group.step.seconds * stepFlops({ ...work, frames }, work)) / stepFlops(work, work),
    framesPerSecond: FRAMES_PER_SECOND,
  });
}
