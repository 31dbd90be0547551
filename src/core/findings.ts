/**
 * What a report can find, as a code and its numbers: no language here, so the
 * same findings make a sentence in English, one in Chinese, and the JSON. A
 * finding exists only where all of its numbers do.
 */
import { extent } from './extent';
import type { Figure, Offload } from './result';
import type { RunKey, RunStage } from './run';

export type Clip = Readonly<Record<'width' | 'height' | 'frames', number | null>>;

export const clipOf = ({ width, height, frames }: Clip): Clip => ({ width, height, frames });

/** How two runs came to stand on one footing. */
export interface Footing {
  /** Whose seconds were foretold or scaled, where any were. */
  readonly base: string;
  readonly basis: 'run' | 'projection' | 'scaled';
  /** FLOPs of the one over the other's, where scaled. */
  readonly factor: number | null;
  /** What the base ran, what its seconds are of before they are scaled, and what the other's are of. */
  readonly ran: Clip;
  readonly from: Clip;
  readonly to: Clip;
}

interface Ratio extends Footing {
  readonly stage: RunStage;
  readonly slow: string;
  readonly fast: string;
  readonly slowSeconds: number;
  readonly fastSeconds: number;
  /** At least 1. */
  readonly ratio: number;
  /** Over all pairs of runs; may fall below 1 where they overlap. */
  readonly low: number;
  readonly high: number;
}

type OfDevice<T> = { readonly device: string } & Readonly<T>;
/** Gained once a video. */
type Gain<T> = OfDevice<T & { savedSeconds: number; wallSeconds: number | null }>;

export interface FindingValues {
  // Summary
  /** `about`: a peak among these is only a bound. */
  saturation: { low: number; high: number; about: boolean };
  'offload-cost': OfDevice<{ seconds: number; offloaded: number; resident: number }>;
  'best-gain': Gain<{ advice: GainCode; share: number | null }>;
  'claims-checked': { confirmed: number; partly: number; notSupported: number; unproven: number };

  // Compute
  'stage-ratio': Ratio;
  'whole-ratio': { slow: string; fast: string; low: number; high: number; pairs: number };
  'no-footing': { base: string; others: readonly string[] };
  spread: OfDevice<{ median: number; min: number; max: number; apart: number; count: number; runs: number }>;
  contended: OfDevice<{ min: number; max: number; run: string }>;
  utilisation: OfDevice<{
    stage: 'step' | 'decode';
    flops: number;
    seconds: number;
    perSecond: number;
    peak: number | null;
    matmul: number | null;
    /** The peak is known only as what it is at most, so the share is at least so much. */
    atMost: boolean;
  }>;
  'not-saturated': { low: number; high: number; about: boolean; matmulLow: number | null; matmulHigh: number | null };
  'ratio-and-peaks': {
    slow: string;
    fast: string;
    ratio: number;
    peak: number;
    peakAtMost: boolean;
    matmul: number | null;
    bandwidth: number;
    watts: number | null;
    nearest: 'arithmetic' | 'bandwidth';
  };
  roof: OfDevice<{ perSecond: number; roof: number; share: number; type: 'f32' | 'matrix' }>;
  'gpu-busy': OfDevice<{ share: number }>;
  kernel: OfDevice<{ kernel: string; share: number; ofRoof: number; waitsFor: 'arithmetic' | 'memory' }>;
  'kernels-wait': OfDevice<{ memory: number; arithmetic: number }>;
  'projection-error': OfDevice<{ worst: number; checks: number; stage: 'encode' | 'step' | 'decode' | 'block' }>;
  software: OfDevice<object>;

  // Memory and offload
  peak: OfDevice<{ offload: RunKey['offload']; bytes: number; memoryBytes: number | null }>;
  'offload-saves': OfDevice<{
    offloadedSeconds: number;
    residentSeconds: number;
    steps: number;
    init: number;
    encode: number;
    denoise: number;
    decode: number;
    gap: number;
    offloadedGap: number;
    residentGap: number;
    offloadedRuns: number;
    residentRuns: number;
  }>;
  'steps-unchanged': OfDevice<{ offloaded: number; resident: number; decodeOffloaded: number; decodeResident: number }>;
  'resident-need': OfDevice<{ offloaded: number; resident: number }>;
  'would-fit': OfDevice<{ need: number; from: string; memoryBytes: number }>;
  'would-not-fit': OfDevice<{ need: number; from: string; memoryBytes: number }>;
  exposed: OfDevice<{
    clip: Clip;
    offload: Offload;
    weights: string;
    batch: number;
    seconds: number;
    exposed: number;
    share: number;
    hidden: number;
    streamed: number;
  }>;
  'case-failed': OfDevice<{ offload: Offload; weights: string; batch: number; peak: number }>;

  // System
  'host-ratio': Ratio & { stepRatio: number };
  'host-share': OfDevice<{
    host: number;
    wall: number;
    share: number;
    steps: number;
    init: number;
    encode: number;
    gap: number | null;
  }>;
  'host-varies': OfDevice<{ stage: 'init' | 'encode'; min: number; max: number; apart: number; stepShare: number }>;
  'text-on-cpu': OfDevice<{ perSecond: number; seconds: number; stepPerSecond: number; ratio: number }>;
  gap: OfDevice<{ low: number; high: number; runs: number }>;
  idle: OfDevice<{ idle: number; whole: number; share: number }>;

  // Recommendations
  'narrower-weights': Gain<{
    from: string;
    to: string;
    /** With everything on the card: as measured on `needFrom`, and as it would be with the narrower weights. */
    need: number;
    needFrom: string;
    needThen: number;
    needFp8: number;
    memoryBytes: number;
    /** What was saved where both manners ran; `savedSeconds` is only a bound. */
    seenSeconds: number | null;
  }>;
  'quantise-stream': OfDevice<{
    from: string;
    to: string;
    streamed: number;
    streamedThen: number;
    need: number;
    budget: number | null;
    fits: boolean;
    exposed: number;
    stepSeconds: number;
    savedPerStep: number;
    share: number;
  }>;
  /** Of a step, measured both ways on this machine. */
  'resident-step': OfDevice<{
    clip: Clip;
    offload: Offload;
    seconds: number;
    resident: number;
    ratio: number;
    need: number;
  }>;
  'keep-resident': Gain<{ need: number; memoryBytes: number | null }>;
  /** `from` measured it; null: at the rate of the steps, without bringing the weights. */
  'text-on-gpu': Gain<{ seconds: number; thenSeconds: number; from: string | null; bytes: number }>;
  'keep-embeddings': Gain<{ seconds: number }>;
  'batch-measured': OfDevice<{
    clip: Clip;
    offload: Offload;
    batch: number;
    seconds: number;
    single: number;
    gain: number;
  }>;
  'batch-bound': OfDevice<{ weightBytes: number; weightSeconds: number; stepSeconds: number; gain: number }>;
  'batch-busy': OfDevice<{ busy: number; gain: number }>;
  'fewer-steps': OfDevice<{
    clip: Clip;
    projected: boolean;
    steps: number;
    fewer: number;
    few: number;
    seconds: number;
    fewerSeconds: number;
    fewerRatio: number;
    fewSeconds: number;
    fewRatio: number;
    /** Of the decoder, with the fewest steps. */
    decodeShare: number;
    decodeSeconds: number;
  }>;
  'matrix-units': OfDevice<{ matrix: number; roof: number; gain: number }>;
  'flash-in-use': OfDevice<{ runs: number }>;
  'tiled-decode': OfDevice<{ decodePeak: number; otherPeak: number }>;
  longer: OfDevice<{
    memoryBytes: number;
    tokens: number;
    frames: number;
    ranFrames: number;
    bytesAToken: number;
    stepSeconds: number;
    framesPerSecond: number;
  }>;
}

/** Advice whose gain is seconds of a video that stays the same. */
export type GainCode = 'narrower-weights' | 'keep-resident' | 'text-on-gpu' | 'keep-embeddings';

export type FindingCode = keyof FindingValues;

export type Finding = {
  [Code in FindingCode]: { readonly code: Code; readonly values: FindingValues[Code] };
}[FindingCode];

/**
 * A finding whose numbers are all numbers; else none. Shares and ratios that a sentence says are among them: what was
 * timed as 0 s has none.
 */
export function found<Code extends FindingCode>(code: Code, values: FindingValues[Code]): Finding[] {
  const sound = Object.values(values).every((value) => typeof value !== 'number' || Number.isFinite(value));
  return sound ? [{ code, values } as Finding] : [];
}

export const spreadOf = ({ samples, seconds }: Figure) => extent(samples.length > 0 ? samples : [seconds]);
