/**
 * What the engine worker offers the page, through comlink. Types only, so that
 * `src/app` can name them without loading the engine.
 */
import type { PresetEstimate, QuickPlan } from '../src/bench/estimate';
import type { StreamingPlan, StreamingResult } from '../src/bench/streaming';
import type { RunEvent } from '../src/core/events';
import type { BenchmarkResult, CheckRow, Machine } from '../src/core/result';
import type { Inspection } from '../src/weights/inspection';
import type { SourceKey } from './byte_port';

export type { CheckRow, Inspection, PresetEstimate, QuickPlan, SourceKey, StreamingResult };

export interface BenchmarkChoice {
  readonly mode: 'quick';
  /** A preset id, or null: the largest whose clip stays within the plan's `clipSeconds`; where none does, slices only. */
  readonly preset: string | null;
  readonly steps: number;
}

/** Weights out of the worker's memory, of the real sizes; or a checkpoint's files, by the loader's keys. */
export type WeightChoice =
  | { readonly kind: 'memory'; readonly type: 'bf16' | 'f16' | 'f32' | 'q8_0' }
  | { readonly kind: 'files'; readonly keys: readonly SourceKey[] };

export interface StreamingChoice {
  readonly preset: string;
  readonly weights: WeightChoice;
  readonly residency: 'resident' | 'stream';
  /** GPU memory for the transformer in all; null sets no bound, and then streaming keeps nothing. */
  readonly memoryBytes: number | null;
  /** Measured steps; one more warms up. */
  readonly steps: number;
}

/** What a choice means, told before it runs. */
export interface StreamingOutlook extends StreamingPlan {
  /** One guided step's computing, from the cost model and the rate measured or assumed so far. */
  readonly stepSeconds: number;
  readonly uploadBytesPerSecond: number;
}

export interface EngineApi {
  /** Opens the device on first use. Throws AppError webgpu-missing, adapter-refused or limit-too-low. */
  machine(): Promise<Machine>;
  plan(): Promise<QuickPlan>;
  benchmark(choice: BenchmarkChoice, onEvent: (event: RunEvent) => void): Promise<BenchmarkResult>;
  /** Runs the goldens shipped under `public/golden/`. */
  selfCheck(onEvent: (event: RunEvent) => void, onRow: (row: CheckRow) => void): Promise<CheckRow[]>;
  /** Weights are read over this port, from the loader worker at its other end; a later port takes its place. */
  connectLoader(port: MessagePort): Promise<void>;
  /** The loader is gone: what is being read fails with weights-missing. */
  disconnectLoader(): Promise<void>;
  /** GPU memory that can be had, by trying. Some systems grant more than they have. */
  probeMemory(): Promise<number>;
  /** Throws out-of-memory with both numbers where the memory allowed is too little, weights-missing for a checkpoint without a transformer. */
  planStreaming(choice: StreamingChoice): Promise<StreamingOutlook>;
  /** Guided steps of the transformer with its weights placed as chosen. For files, `connectLoader` first. */
  measureStreaming(choice: StreamingChoice, onEvent: (event: RunEvent) => void): Promise<StreamingResult>;
  /** What the files hold, by the loader's keys. */
  inspect(keys: readonly SourceKey[]): Promise<Inspection>;
  /** Ends the current run at the next submit; its promise rejects with AppError `cancelled`. */
  stop(): Promise<void>;
}
