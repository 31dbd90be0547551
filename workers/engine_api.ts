/**
 * What the engine worker offers the page, through comlink. Types only, so that
 * `src/app` can name them without loading the engine.
 */
import type { PresetEstimate, QuickPlan } from '../src/bench/estimate';
import type { RunEvent } from '../src/core/events';
import type { BenchmarkResult, CheckRow, Machine } from '../src/core/result';

export type { CheckRow, PresetEstimate, QuickPlan };

export interface BenchmarkChoice {
  readonly mode: 'quick';
  /** A preset id, or null: the largest whose clip stays within the plan's `clipSeconds`; where none does, slices only. */
  readonly preset: string | null;
  readonly steps: number;
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
  /** Ends the current run at the next submit; its promise rejects with AppError `cancelled`. */
  stop(): Promise<void>;
}
