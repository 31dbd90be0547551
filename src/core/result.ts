/**
 * The result of one benchmark run: what the page shows, the CLI prints, and
 * `--json` writes. Pure data, JSON-safe; every number carries its kind.
 */
import type { RemarkCode } from './events';

/** How a number came to be. Four kinds, never mixed, each with its own look. */
export type Kind = 'measured' | 'sampled' | 'derived' | 'published';

export interface Figure {
  readonly kind: Kind;
  /** Seconds; the median where there are several samples. */
  readonly seconds: number;
  /** Raw samples in seconds, in order, warm-up not included. Empty for derived and published figures. */
  readonly samples: readonly number[];
}

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
  /** Activations: 'f32' or 'f16'; weights as stored. */
  readonly activations: string;
  readonly weights: string;
  readonly offload: 'resident' | 'stream' | 'one-block';
  readonly attention: string;
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

/** What this machine can do at best, measured by our own loops just before the run. */
export interface Roofs {
  readonly fp32FlopsPerSecond: number;
  readonly f16FlopsPerSecond: number | null;
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
  /** init excluded: encode + steps × step + decode. */
  readonly total: Figure;
}

export interface BenchmarkResult {
  readonly schema: 'wanscope-result';
  readonly version: 1;
  readonly id: string;
  readonly createdAt: string;
  readonly engineVersion: string;
  readonly mode: 'quick' | 'standard' | 'full';
  readonly machine: Machine;
  readonly roofs: Roofs;
  /** What was run here and how long each stage took. */
  readonly key: ComparisonKey;
  readonly stages: StageFigures;
  /** The same stages for the reference workload (1280×704, 161 frames, 36,080 tokens), sampled or derived. */
  readonly projection: { readonly key: ComparisonKey; readonly stages: StageFigures };
  readonly kernels: readonly KernelShare[];
  readonly counts: {
    /** Sum of timestamped passes over wall time, 0–1; null without timestamps. */
    readonly gpuBusy: number | null;
    readonly dispatchesPerStep: number;
    readonly bytesMovedPerStep: number;
    readonly peakGpuBytes: number;
  };
  readonly remarks: readonly { code: RemarkCode; text: string }[];
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
