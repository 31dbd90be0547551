/**
 * How much work a run was, and whether two were the same. Every ratio of
 * Compare asks here first: 161 frames are 1.55 times the work of 121, so seconds
 * of the one must never stand against seconds of the other as they are.
 */

import { tokensOfClip } from '../core/clip';
import type { RunKey } from '../core/run';
import { type ClipShape, decodeFlops, isClipShape, stepFlops, textFlops, type WorkOptions } from '../core/wan_flops';
import { WAN22 } from '../core/wan22_name';

export interface Workload extends ClipShape, WorkOptions {
  readonly model: string;
}

/** What the published servers ran: 36,080 tokens. */
export const REFERENCE_WORK: Workload = {
  model: WAN22,
  width: 1280,
  height: 704,
  frames: 161,
  guidance: true,
  batch: 1,
};

/** Null where anything of it is not stated, cannot be, or contradicts the tokens that are stated. */
export function workloadOf({ model, width, height, frames, tokens, guidance, batch }: RunKey): Workload | null {
  if (model === null || width === null || height === null || frames === null) return null;
  if (guidance === null || batch === null || !(batch > 0)) return null;
  const workload = { model, width, height, frames, guidance, batch };
  if (!isClipShape(workload) || (tokens !== null && tokens !== tokensOfClip(workload))) return null;
  return workload;
}

export function sameWork(one: Workload, other: Workload): boolean {
  return (
    one.model === other.model &&
    one.width === other.width &&
    one.height === other.height &&
    one.frames === other.frames &&
    one.guidance === other.guidance &&
    one.batch === other.batch
  );
}

export function isReferenceWork(key: RunKey): boolean {
  const workload = workloadOf(key);
  return workload !== null && sameWork(workload, REFERENCE_WORK);
}

export type ScaledStage = 'encode' | 'step' | 'decode';

/** What to multiply seconds of the one workload by to get the other's, if the machine keeps its rate. Null: not our formulas. */
export function scaleFactors(from: Workload, to: Workload): Readonly<Record<ScaledStage, number>> | null {
  if (from.model !== WAN22 || to.model !== WAN22) return null;
  return {
    encode: textFlops(to) / textFlops(from),
    step: stepFlops(to, to) / stepFlops(from, from),
    decode: decodeFlops(to, to) / decodeFlops(from, from),
  };
}
