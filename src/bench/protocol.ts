/**
 * What every kind of run begins and ends with:
 *
 *   tune     the kernels for this device, once
 *   probe    is something else using this GPU?
 *   roofs    what the machine can do at best
 *   sample   a rate for each kind of work, from slices of the reference workload
 *   …        what the kind of run is about: quick.ts, standard.ts, full.ts
 *   resample the slices once more, where that took minutes
 *   probe    and was that so all the time?
 */
import { nowMs } from '../core/clock';
import type { Emit } from '../core/events';
import type { Products } from '../core/products';
import type { BenchmarkResult, Offload, Roofs } from '../core/result';
import { type PlannedStage, type RunEvents, runEvents } from '../core/run_events';
import type { GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import { activationFor, recorderOptions } from '../pipeline/options';
import type { SynthType } from '../pipeline/synth_bytes';
import { synthSource } from '../pipeline/synth_source';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import type { BlockTime } from './blocks';
import type { Choice } from './choose_preset';
import { probe } from './disturbance';
import type { ClipTimes } from './measure';
import { measureRates, type Rates, secondsOf, slowestRate } from './rates';
import { buildResult } from './result';
import { measureRoofs } from './roofs';
import { openLog, type RunLog } from './run_log';
import type { StageWork, WorkKind } from './work';

export type Mode = BenchmarkResult['mode'];

/** Of all networks: the video coder's convolutions are repacked when they are loaded, which blocks of 32 do not allow. */
export type WholeWeights = Exclude<SynthType, 'q8_0'>;

export interface BenchmarkOptions {
  /** A preset id; null chooses. */
  readonly preset: string | null;
  /** Steps of the clip: those that are measured after one more, and in Full all; null for what is usual. */
  readonly steps: number | null;
  /** GPU memory that Full may take; null takes what there is. */
  readonly memoryBytes?: number | null | undefined;
  /** Of Full; bf16 unless told otherwise. */
  readonly weights?: WholeWeights | undefined;
  /** Of the transformer's linear layers; exact unless given. */
  readonly products?: Products | undefined;
  readonly initSeconds: number;
  readonly signal?: AbortSignal | undefined;
  readonly emit: Emit;
  /** Chooses the kernels' tunings, where that is still to be done. */
  readonly tuning?: TuningPhase | undefined;
}

export interface TuningPhase {
  /** At most. */
  readonly seconds: number;
  run(onProgress: (done: number, total: number, detail: string) => void): Promise<unknown>;
}

export interface StageSeconds {
  readonly encode: number;
  readonly step: number;
  readonly decode: number;
}

/** What the kind of run may use once rates are known. */
export interface Begun {
  readonly activation: 'f32' | 'f16';
  readonly settings: RecorderOptions;
  readonly source: WeightSource;
  readonly roofs: Roofs;
  readonly rates: Rates;
  readonly events: RunEvents;
  readonly log: RunLog;
}

export interface Outcome {
  readonly choice: Choice;
  /** Steps that the key and the total are about. */
  readonly steps: number;
  readonly offload: Offload;
  /** Of the clip, where not bf16. */
  readonly weights?: WholeWeights | undefined;
  readonly limitBytes: number | null;
  /** The clip that was measured whole, or null where all is sampled. */
  readonly clip: ClipTimes | null;
  readonly blocks: readonly BlockTime[];
  /** What a byte of weights that is brought adds, where any is. */
  readonly feedSecondsPerByte?: number | undefined;
}

const PARTS: Readonly<Record<WorkKind, 'encode' | 'denoise' | 'decode'>> = {
  text: 'encode',
  linear: 'denoise',
  attention: 'denoise',
  conv: 'decode',
};

/** `planned`: all stages, with the seconds that were told before. Gives all GPU memory back, whatever happens. */
export async function runProtocol(
  context: GpuContext,
  mode: Mode,
  planned: readonly PlannedStage[],
  options: BenchmarkOptions,
  run: (begun: Begun) => Promise<Outcome>,
): Promise<BenchmarkResult> {
  const { signal, emit, initSeconds, products } = options;
  const { runner, memory, device } = context;
  const { software } = device.machine;
  const activation = activationFor(context);
  const source = synthSource(context, { type: 'bf16', headDim: UMT5_XXL.dim_attn / UMT5_XXL.num_heads });
  const title = mode[0]!.toUpperCase() + mode.slice(1);
  const events = runEvents(emit, title, planned);
  if (options.tuning) {
    events.begin('tune');
    await options.tuning.run(events.progress);
  }
  const settings = recorderOptions(context, activation, products);
  const log = openLog(memory); // what tuning took is not the run's
  try {
    events.begin('roofs');
    const before = await probe(context, signal);
    const roofs = await measureRoofs(context, signal);
    // Slices are split as if kernels reached a quarter of the roof; what follows by what the slowest of them does reach.
    runner.calibrate({ flopsPerSecond: roofs.fp32FlopsPerSecond / 4, bytesPerSecond: roofs.bytesPerSecond / 2 });
    events.begin('sample');
    // A CPU takes a second for what a GPU does in a millisecond: fewer repeats, and longer slices so that they mean something.
    const slices = { settings, source, seconds: software ? 1 : 0.15, repeats: software ? 3 : 5, signal };
    const onKind = (kind: WorkKind, index: number) => {
      events.progress(index, Object.keys(PARTS).length, kind);
      return log.begin(PARTS[kind], 'slice');
    };
    const rates = await measureRates(context, slices, onKind);
    runner.calibrate({ flopsPerSecond: slowestRate(rates), bytesPerSecond: roofs.bytesPerSecond / 2 });
    const outcome = await run({ activation, settings, source, roofs, rates, events, log });
    let allRates = rates;
    if (mode !== 'quick') {
      events.begin('resample');
      allRates = await measureRates(context, slices, onKind, rates);
    }
    const after = await probe(context, signal, before);
    const result = buildResult({
      ...{ context, mode, roofs, settings, activation, initSeconds, log },
      rates: allRates,
      ...{ before: before.samples, after: after.samples },
      ...outcome,
    });
    events.end();
    for (const remark of result.remarks) emit({ type: 'remark', atMs: nowMs(), ...remark });
    return result;
  } finally {
    log.close();
  }
}

/** Seconds of each stage if work of each kind runs at the rate its slice had. */
export function foretell({ encode, step, decode }: StageWork, rates: Rates): StageSeconds {
  return { encode: secondsOf(encode, rates), step: secondsOf(step, rates), decode: secondsOf(decode, rates) };
}
