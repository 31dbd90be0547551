/** Stage times of a run on ComfyUI, from when each of its messages came. Pure. */
import { median } from '../core/median';
import type { Figure } from '../core/result';
import type { RunStages } from '../core/run';
import { stageOf } from './comfy_graph';
import { NO_STAGES } from './server_run';

/** On one clock, in the order they came. */
export interface ComfyTimes {
  /** A node began; null: the last one ended. */
  readonly nodes: readonly { readonly node: string | null; readonly atMs: number }[];
  /** The sampler finished this step. */
  readonly steps: readonly { readonly step: number; readonly atMs: number }[];
  /** While the connection was gone messages were lost: no interval over these moments is one node's or one step's. */
  readonly gaps: readonly number[];
  /** From `execution_start` to `execution_success`, on the server's clock. */
  readonly totalSeconds: number | null;
  readonly wallSeconds: number;
}

/** Nodes that ran from their cache have no time: `encode` is null where the prompt was kept. */
export function comfyStages(times: ComfyTimes): RunStages & { readonly wall: Figure } {
  return {
    ...NO_STAGES,
    init: nodeFigure(times, 'init'),
    encode: nodeFigure(times, 'encode'),
    step: stepFigure(times),
    decode: nodeFigure(times, 'decode'),
    total: times.totalSeconds === null ? null : { kind: 'published', seconds: times.totalSeconds, samples: [] },
    wall: measured([times.wallSeconds]),
  };
}

function nodeFigure({ nodes, gaps }: ComfyTimes, stage: 'init' | 'encode' | 'decode'): Figure | null {
  let seconds = 0;
  for (const [i, { node, atMs }] of nodes.entries()) {
    if (node === null || stageOf(node) !== stage) continue;
    const end = nodes[i + 1]?.atMs;
    if (end === undefined || gaps.some((gap) => gap > atMs && gap < end)) return null;
    seconds += (end - atMs) / 1000;
  }
  return seconds > 0 ? measured([seconds]) : null;
}

/**
 * The first step is the warm-up: before it models are moved to the GPU, and kernels are made in it. Where no other was seen,
 * a step can be no longer than that one.
 */
function stepFigure({ nodes, steps, gaps }: ComfyTimes): Figure | null {
  const begin = nodes.findLast(({ node }) => node === 'sampler');
  const moments = begin ? [{ step: 0, atMs: begin.atMs }, ...steps] : [...steps];
  const intervals = moments.slice(1).flatMap(({ step, atMs }, i) => {
    const before = moments[i]!;
    const isWhole = step === before.step + 1 && !gaps.some((gap) => gap > before.atMs && gap < atMs);
    return isWhole ? [{ step, seconds: (atMs - before.atMs) / 1000 }] : [];
  });
  const warmUp = intervals.filter(({ step }) => step === 1).map(({ seconds }) => seconds);
  const samples = intervals.filter(({ step }) => step > 1).map(({ seconds }) => seconds);
  if (samples.length > 0) return { ...measured(samples), warmUp };
  return warmUp.length > 0 ? { kind: 'derived', seconds: median(warmUp), samples: [], warmUp } : null;
}

const measured = (samples: readonly number[]): Figure => ({ kind: 'measured', seconds: median(samples), samples });
