/** What the runs say about the machine around the card: loading, text on the CPU, and time that no stage accounts for. */

import { type Finding, found, spreadOf } from '../core/findings';
import type { Span } from '../core/result';
import type { Run } from '../core/run';
import { textFlops } from '../core/wan_flops';
import { type Group, gapSeconds, pooled } from './group_runs';
import { caseRatio, likeCases, type Pair, stageRatio } from './pair_groups';
import { stepRate, wanWorkOf } from './utilisation';

export const isTextOnCpu = ({ key }: Run) => key.textEncoderOn === 'cpu';

/** Like cases, stage by stage, beside the ratio of the cards themselves. */
export function hostRatios(pair: Pair): Finding[] {
  const step = stageRatio(pair, 'step');
  if (step?.basis !== 'run' || !Number.isFinite(step.ratio)) return [];
  return likeCases(pair)
    .slice(0, 1)
    .flatMap((like) =>
      (['init', 'encode', 'decode'] as const).flatMap((stage) => {
        const ratio = caseRatio(pair, like, stage);
        if (!ratio || (stage === 'encode' && !isTextOnCpu(like.base.run))) return [];
        const stepRatio = ratio.slow === step.slow ? step.ratio : 1 / step.ratio;
        return found('host-ratio', { ...ratio, stepRatio });
      }),
    );
}

export function systemFindings(groups: readonly Group[]): Finding[] {
  return [
    ...groups.flatMap(hostShare),
    ...groups.flatMap(hostVaries),
    ...groups.flatMap(textOnCpu),
    ...groups.flatMap(gaps),
    ...groups.flatMap(idleTime),
  ];
}

/** Of the run with the most steps, where the host weighs least. */
function hostShare({ name, runs }: Group): Finding[] {
  const [run] = runs
    .filter(({ stages }) => stages.wall && stages.init)
    .sort((a, b) => (b.key.steps ?? 0) - (a.key.steps ?? 0));
  if (!run) return [];
  const { wall, init, encode } = run.stages;
  const gap = gapSeconds(run);
  const text = isTextOnCpu(run) ? (encode?.seconds ?? 0) : 0;
  const host = init!.seconds + text + (gap ?? 0);
  return found('host-share', {
    device: name,
    host,
    wall: wall!.seconds,
    share: host / wall!.seconds,
    steps: run.key.steps ?? Number.NaN,
    init: init!.seconds,
    encode: text,
    gap,
  });
}

const MUCH = 0.1;

/** A stage of the host that differs more from run to run than the card's steps do says little about the card. */
function hostVaries({ name, runs, step }: Group): Finding[] {
  if (!step || runs.length < 2) return [];
  const { min, max } = spreadOf(step);
  const stepShare = max / min - 1;
  return (['init', 'encode'] as const).flatMap((stage) => {
    const figure = stage === 'encode' && !runs.every(isTextOnCpu) ? null : pooled(runs, stage);
    if (!figure || figure.samples.length < 2) return [];
    const range = spreadOf(figure);
    const apart = range.max / range.min - 1;
    return apart > MUCH && apart > 3 * stepShare
      ? found('host-varies', { device: name, stage, ...range, apart, stepShare })
      : [];
  });
}

function textOnCpu(group: Group): Finding[] {
  const cpu = group.runs.filter(isTextOnCpu);
  const [run] = cpu;
  const figure = pooled(cpu, 'encode');
  const step = stepRate(group);
  const work = run && wanWorkOf(run.key);
  if (!work || !figure || !step) return [];
  const perSecond = textFlops(work) / figure.seconds;
  return found('text-on-cpu', {
    device: group.name,
    perSecond,
    seconds: figure.seconds,
    stepPerSecond: step.perSecond,
    ratio: step.perSecond / perSecond,
  });
}

function gaps({ name, runs }: Group): Finding[] {
  const seconds = runs.flatMap((run) => gapSeconds(run) ?? []);
  if (seconds.length === 0) return [];
  return found('gap', { device: name, low: Math.min(...seconds), high: Math.max(...seconds), runs: seconds.length });
}

const COMPUTING: readonly Span['lane'][] = ['encode', 'denoise', 'decode'];

/** From the first moment of computing to the last: how long no stage computed. */
function idleTime({ name, runs }: Group): Finding[] {
  const spans = runs[0]!.timeline
    .filter(({ lane }) => COMPUTING.includes(lane))
    .sort((a, b) => a.fromSeconds - b.fromSeconds);
  const [first] = spans;
  if (!first) return [];
  let end = first.fromSeconds;
  let idle = 0;
  for (const { fromSeconds, toSeconds } of spans) {
    idle += Math.max(0, fromSeconds - end);
    end = Math.max(end, toSeconds);
  }
  const whole = end - first.fromSeconds;
  return found('idle', { device: name, idle, whole, share: idle / whole });
}
