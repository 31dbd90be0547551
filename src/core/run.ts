/**
 * One run of Wan2.2 on some machine, whoever measured it: what every table,
 * chart and sentence of Compare is about. Own results, videos, published runs,
 * imported files and live servers all become this. What is not known is null,
 * never zero and never a guess.
 */
import type { Remark, ServerRemark } from './events';
import type { CaseResult, Figure, KernelShare, MemorySample, Offload, ProjectionCheck, Roofs, Span } from './result';

export type Origin = 'own' | 'video' | 'published' | 'imported' | 'server';

/**
 * `init` is the host's: reading weights, or making them up. `total` is encode, all steps and decode where a source tells
 * these apart, else what it calls so; `wall` is what a clock beside it saw.
 */
export const RUN_STAGES = ['init', 'encode', 'image', 'step', 'decode', 'total', 'wall'] as const;
export type RunStage = (typeof RUN_STAGES)[number];

export type RunStages = Readonly<Record<RunStage, Figure | null>>;

/** What was done, and in what manner. Two runs are like where these agree. */
export interface RunKey {
  /** Whose shapes: 'wan22-5b' also of checkpoints distilled from it; of any other model, such as the demo, its fingerprint. */
  readonly model: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly frames: number | null;
  readonly tokens: number | null;
  readonly steps: number | null;
  readonly guidance: boolean | null;
  readonly promptTokens: number | null;
  readonly batch: number | null;
  readonly activations: string | null;
  readonly weights: string | null;
  readonly attention: string | null;
  /** `between-stages`: whole networks leave the GPU when their stage is over, and none during it. */
  readonly offload: Offload | 'between-stages' | null;
  readonly textEncoderOn: 'gpu' | 'cpu' | null;
  readonly decoder: 'vae' | 'tiny' | null;
  /** Cards that shared the work. */
  readonly gpus: number | null;
}

export interface Run {
  /** Unique on the page; of own results the result's. */
  readonly id: string;
  readonly origin: Origin;
  /** The owner's or the publisher's name for it. It may be wrong: the published "480p" case ran at 1280×704. */
  readonly name: string;
  readonly device: { readonly name: string; readonly memoryBytes: number | null; readonly software: boolean };
  readonly software: string;
  /** ISO 8601; without a zone where it is the publisher's clock. */
  readonly date: string | null;
  /** Where the numbers come from, to be shown; `url` is https or null. */
  readonly source: { readonly text: string; readonly url: string | null };
  /** In the numbers themselves, not in how well they compare. Null for what was measured here. */
  readonly confidence: 'high' | 'medium' | 'low' | null;
  /** The card was shared with another job while this ran. */
  readonly contended: boolean;
  readonly key: RunKey;
  readonly stages: RunStages;
  /** The same machine at the reference workload, where a result foretells it. */
  readonly projection: { readonly key: RunKey; readonly stages: RunStages } | null;
  readonly checks: readonly ProjectionCheck[];
  /** What `wall` begins and ends with: a name of src/words/comparison's boundaries, or what its source says. */
  readonly timingBoundary: string | null;
  readonly peakMemoryBytes: number | null;
  readonly gpuBusy: number | null;
  readonly roofs: Roofs | null;
  readonly kernels: readonly KernelShare[];
  readonly cases: readonly CaseResult[];
  readonly timeline: readonly Span[];
  readonly memory: { readonly limitBytes: number | null; readonly samples: readonly MemorySample[] };
  readonly remarks: readonly (Remark | ServerRemark)[];
  /** What its file says beyond all this, as it stood there: but for prompts and servers’ answers it survives an export. */
  readonly extra: Readonly<Record<string, unknown>>;
}
