/**
 * The result of one benchmark run: what the page shows, the CLI prints, and
 * `--json` writes. Pure data, JSON-safe; every number carries its kind.
 */
import type { ErrorCode } from './errors';
import type { Remark } from './events';

/** How a number came to be. Four kinds, never mixed, each with its own look. */
export type Kind = 'measured' | 'sampled' | 'derived' | 'published';

export interface Figure {
  readonly kind: Kind;
  /** Seconds; the median where there are several samples. */
  readonly seconds: number;
  /** Raw samples in seconds, in order, warm-up not included. Empty for derived and published figures. */
  readonly samples: readonly number[];
  /** Runs before the samples, in which pipelines are made and clocks rise; absent where there were none. */
  readonly warmUp?: readonly number[];
}

/**
 * Where a network's weights are while it runs. `one-block`: one block's stand for all of them, so the time is that of
 * resident weights without their memory. `partial`: what fits stays, the rest is streamed.
 */
export type Offload = 'resident' | 'partial' | 'stream' | 'one-block';

/** Runs are only comparable when their keys agree; what differs is named beside the numbers. */
export interface ComparisonKey {
  readonly preset: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly tokens: number;
  readonly steps: number;
  readonly guidance: boolean;
  readonly promptTokens: number;
  /** Activations: 'f32' or 'f16'; weights as stored. Of products in 8 bits both say so (core/products.ts). */
  readonly activations: string;
  readonly weights: string;
  readonly offload: Offload;
  readonly attention: string;
  /** Videos made at once. */
  readonly batch: number;
}

export interface Machine {
  readonly adapter: string;
  readonly vendor: string;
  readonly architecture: string;
  readonly driver: string;
  readonly backend: string;
  readonly software: boolean;
  readonly tier: 'A' | 'B' | 'C';
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
  /** 'Node 20.20.2' or the browser's name and version. */
  readonly runtime: string;
  readonly timestamps: boolean;
}

/** Where the kernels' tunings come from: measured on this device, on another of its kind and shipped, or neither. */
export type TuningSource = 'tuned' | 'shipped' | 'default';

/** What this machine can do at best, measured by our own loops just before the run. */
export interface Roofs {
  readonly fp32FlopsPerSecond: number;
  readonly f16FlopsPerSecond: number | null;
  /** f16 × f16 → f32 on matrix units; null where WebGPU does not offer them, or they were found to be wrong. */
  readonly matrixFlopsPerSecond: number | null;
  readonly bytesPerSecond: number;
  readonly uploadBytesPerSecond: number;
}

/** One kernel's part of the run, for the roofline and the kernel table. */
export interface KernelShare {
  readonly kernel: string;
  readonly calls: number;
  readonly seconds: number;
  readonly flops: number;
  readonly bytes: number;
}

export interface StageFigures {
  readonly init: Figure;
  readonly encode: Figure;
  /** One guided step. */
  readonly step: Figure;
  readonly decode: Figure;
  /** init and the loading of weights excluded: encode + steps × step + decode; where every step ran, as it was measured. */
  readonly total: Figure;
}

/** One stage of one clip, timed as a whole and foretold from this run's slices: how far a projection can be trusted here. */
export interface ProjectionCheck {
  readonly key: ComparisonKey;
  readonly stage: 'encode' | 'step' | 'decode' | 'block';
  readonly measuredSeconds: number;
  readonly projectedSeconds: number;
}

/** One cell of the matrix: guided steps of the transformer with one choice of clip, weights, offload and batch. */
export interface CaseResult {
  readonly key: ComparisonKey;
  /** GPU memory allowed for the transformer; null: no bound. */
  readonly memoryBytes: number | null;
  /** One guided step of the whole batch. Null: the case failed, and `failure` says why. */
  readonly step: Figure | null;
  readonly peakGpuBytes: number;
  readonly streamedBytesPerStep: number;
  /** Of one step: the GPU computed nothing; and what was read and copied while it computed. */
  readonly exposedSeconds: number;
  readonly hiddenSeconds: number;
  readonly failure: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Something that went on during the run, from its first moment. */
export interface Span {
  readonly lane: 'fetch' | 'upload' | 'encode' | 'denoise' | 'decode';
  readonly fromSeconds: number;
  readonly toSeconds: number;
  /** 'step 3', 'chunk 2'; '' where the lane says all. */
  readonly label: string;
}

/** GPU memory that the engine held at a moment of the run. */
export interface MemorySample {
  readonly atSeconds: number;
  readonly bytes: number;
}

export interface BenchmarkResult {
  readonly schema: 'wanscope-result';
  readonly version: 2;
  readonly id: string;
  /** What its owner calls it; '' where it has no name. */
  readonly name: string;
  readonly createdAt: string;
  readonly engineVersion: string;
  readonly mode: 'quick' | 'standard' | 'full';
  readonly machine: Machine;
  /** Absent in results of before there was any tuning. */
  readonly tuning?: TuningSource;
  readonly roofs: Roofs;
  /** What was run here and how long each stage took. */
  readonly key: ComparisonKey;
  readonly stages: StageFigures;
  /** The same stages for the reference workload (1280×704, 161 frames, 36,080 tokens), sampled or derived. */
  readonly projection: { readonly key: ComparisonKey; readonly stages: StageFigures };
  /** Where a stage was both measured and projected. Empty in a run that only sampled. */
  readonly checks: readonly ProjectionCheck[];
  /** Of the matrix; empty where none was asked for. */
  readonly cases: readonly CaseResult[];
  readonly timeline: readonly Span[];
  readonly memory: { readonly limitBytes: number | null; readonly samples: readonly MemorySample[] };
  readonly kernels: readonly KernelShare[];
  readonly counts: {
    /** Sum of timestamped passes over wall time, 0–1; null without timestamps. */
    readonly gpuBusy: number | null;
    readonly dispatchesPerStep: number;
    readonly bytesMovedPerStep: number;
    readonly peakGpuBytes: number;
  };
  readonly remarks: readonly Remark[];
}

/** One output of one golden file, run here and compared. */
export interface CheckRow {
  readonly file: string;
  /** Of the file: 'dit', 'scheduler', … and 'tiny', 'full', …; empty where the file cannot be read. */
  readonly stage: string;
  readonly model: string;
  /** The tensor's name, such as 'out.velocity'; '-' where there is none to name. */
  readonly output: string;
  /** Infinity where the result is missing or not all numbers (`null` in JSON). */
  readonly relL2: number;
  readonly maxAbs: number;
  readonly pass: boolean;
  /** Of the whole stage, weights included. */
  readonly seconds: number;
  readonly adapter: string;
  /** Of a failure: the reason, or where in the network the numbers first differ. */
  readonly note?: string;
}
