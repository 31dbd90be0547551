/** The three kinds of run, by name. */
import type { BenchmarkResult } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { runFull } from './full';
import type { BenchmarkOptions, Mode } from './protocol';
import { runQuick } from './quick';
import { runStandard } from './standard';

export const MODES: readonly Mode[] = ['quick', 'standard', 'full'];

const RUN = { quick: runQuick, standard: runStandard, full: runFull } as const;

/** Throws AppError input-invalid or limit-too-low for a preset that cannot be, cancelled, device-lost, out-of-memory. */
export const runBenchmark = (context: GpuContext, mode: Mode, options: BenchmarkOptions): Promise<BenchmarkResult> =>
  RUN[mode](context, options);
