/**
 * The matrix: guided steps of the transformer for every combination of clip,
 * weights, offload and batch that was asked for. Each case is planned before any
 * runs; what cannot be, or fails, is kept with its reason, and the others go on.
 */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { Emit } from '../core/events';
import type { Products } from '../core/products';
import type { CaseResult, Offload } from '../core/result';
import { type DitConfig, WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { memorySource } from '../pipeline/memory_source';
import { activationFor, recorderOptions } from '../pipeline/options';
import type { SynthType } from '../pipeline/synth_bytes';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import { measureGuidedSteps } from './guided_steps';
import { keyOf } from './key';
import { type CasePlan, type CaseRates, planCase } from './plan_case';
import type { Preset } from './presets';

export const CASE_OFFLOADS = ['resident', 'partial', 'stream'] as const satisfies readonly Offload[];

export type CaseOffload = (typeof CASE_OFFLOADS)[number];

export interface CaseWish {
  readonly clip: Preset;
  readonly weights: SynthType;
  readonly offload: CaseOffload;
  /** Videos made at once. */
  readonly batch: number;
  /** GPU memory for the transformer in all; null sets no bound. Partial without one: as much as keeps half of the weights. */
  readonly memoryBytes: number | null;
}

export interface CaseMatrix {
  readonly clips: readonly Preset[];
  readonly weights: readonly SynthType[];
  readonly offloads: readonly CaseOffload[];
  readonly batches: readonly number[];
  readonly memoryBytes: number | null;
}

const MOST_VIDEOS = 64;

/**
 * All combinations, each once, in the order given; the first of a clip is what its others are compared with. Throws
 * input-invalid for a batch that is none.
 */
export function casesOf({ clips, weights, offloads, batches, memoryBytes }: CaseMatrix): CaseWish[] {
  const wrong = batches.find((batch) => !Number.isInteger(batch) || batch < 1 || batch > MOST_VIDEOS);
  if (wrong !== undefined)
    throw new AppError('input-invalid', `A batch of ${wrong} videos was asked for. Choose 1 to ${MOST_VIDEOS}.`);
  const wishes = clips.flatMap((clip) =>
    weights.flatMap((type) =>
      offloads.flatMap((offload) =>
        batches.map((batch): CaseWish => ({ clip, weights: type, offload, batch, memoryBytes })),
      ),
    ),
  );
  return [...new Map(wishes.map((wish) => [JSON.stringify(wish), wish])).values()];
}

/** The transformer that the cases are about. */
export interface CaseNetwork {
  readonly config: DitConfig;
  sourceOf(type: SynthType): WeightSource;
}

/** Wan2.2's, out of this process's memory. */
export const syntheticNetwork = (context: GpuContext): CaseNetwork => ({
  config: WAN22_5B,
  sourceOf: (type) => memorySource(context, type, UMT5_XXL.dim_attn / UMT5_XXL.num_heads),
});

export interface CaseOptions {
  /** Measured steps of each case; one more warms up. */
  readonly steps: number;
  readonly rates: CaseRates;
  /** Of the linear layers in all cases; exact unless given. */
  readonly products?: Products | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
  /** Called with each case as it is done, in order: what was measured before a stop is kept by whoever listens. */
  readonly onCase?: ((result: CaseResult) => void) | undefined;
}

/**
 * In the order of the wishes. A case that is impossible or fails has no step, and says why; its peak is the planned one.
 * Rejects when stopped and when the device is lost, after `onCase` was told what was finished.
 */
export async function measureCases(
  context: GpuContext,
  { config, sourceOf }: CaseNetwork,
  wishes: readonly CaseWish[],
  { steps, rates, products, signal, emit = () => {}, onCase = () => {} }: CaseOptions,
): Promise<CaseResult[]> {
  const activation = activationFor(context);
  const settings = recorderOptions(context, activation, products);
  const plans = wishes.map((wish) => planCase(settings, config, wish, steps, rates));
  const progress = progressOf(emit, plans, steps + 1);
  const results: CaseResult[] = [];
  // The last one's patterns take memory: kept while cases want the same type.
  let source: { type: SynthType; of: WeightSource } | null = null;

  for (const plan of plans) {
    const { clip, weights, offload, batch } = plan.wish;
    const result = {
      key: keyOf(context, clip, { activations: activation, weights, products, offload, batch }),
      memoryBytes: plan.memoryBytes,
      step: null,
      peakGpuBytes: plan.peakBytes,
      streamedBytesPerStep: plan.streamedBytesPerStep,
      exposedSeconds: 0,
      hiddenSeconds: 0,
      failure: plan.impossible,
    };
    const finished = plan.impossible
      ? result
      : await measure(plan).then(
          (measured): CaseResult => ({ ...result, ...measured }),
          (failure): CaseResult => ({ ...result, failure: reasonOf(failure) }),
        );
    results.push(finished);
    onCase(finished);
  }
  progress.end();
  return results;

  async function measure(plan: CasePlan) {
    const { wish, memoryBytes } = plan;
    if (source?.type !== wish.weights) source = { type: wish.weights, of: sourceOf(wish.weights) };
    const placement =
      wish.offload === 'resident'
        ? ({ residency: 'resident' } as const)
        : ({ residency: 'stream', memoryBytes: wish.offload === 'partial' ? memoryBytes! : undefined } as const);
    progress.begin(plan);
    const { step, peakGpuBytes, streamedBytes, brought } = await measureGuidedSteps(
      context,
      source.of,
      config,
      { clip: wish.clip, batch: wish.batch, products, ...placement },
      { steps, signal, onStep: progress.step },
    );
    return {
      step,
      peakGpuBytes,
      streamedBytesPerStep: streamedBytes,
      exposedSeconds: brought?.exposedSeconds ?? 0,
      hiddenSeconds: brought?.hiddenSeconds ?? 0,
    };
  }
}

/** Of what a case can fail by; all else ends the matrix. */
function reasonOf(failure: unknown): CaseResult['failure'] {
  if (!(failure instanceof AppError) || failure.code === 'cancelled' || failure.code === 'device-lost') throw failure;
  return { code: failure.code, message: failure.message };
}

/** One stage of so many steps for all cases; the time left goes by the plans, and by how they turned out so far. */
function progressOf(emit: Emit, plans: readonly CasePlan[], stepsOfCase: number) {
  const possible = plans.filter(({ impossible }) => !impossible);
  const all = possible.reduce((sum, { estimatedSeconds }) => sum + estimatedSeconds, 0);
  const began = nowMs();
  const seconds = () => (nowMs() - began) / 1000;
  let current: CasePlan | null = null;
  let finished = { cases: 0, seconds: 0 };
  emit({
    type: 'run-begin',
    atMs: began,
    title: 'Matrix',
    stages: [{ stage: 'denoise', share: 1 }],
    estimateSeconds: all,
  });
  emit({ type: 'stage-begin', atMs: began, stage: 'denoise', estimateSeconds: all });

  const step = (done: number) => {
    if (!current) return;
    const { wish, estimatedSeconds } = current;
    const spent = finished.seconds + (estimatedSeconds * done) / stepsOfCase;
    const pace = spent > 0 ? seconds() / spent : 1;
    emit({
      type: 'progress',
      atMs: nowMs(),
      stage: 'denoise',
      done: finished.cases * stepsOfCase + done,
      total: possible.length * stepsOfCase,
      detail: `${wish.clip.id} · ${wish.weights} · ${wish.offload} · × ${wish.batch}`,
      secondsLeft: (all - spent) * pace,
    });
  };
  return {
    step,
    begin(plan: CasePlan) {
      if (current) finished = { cases: finished.cases + 1, seconds: finished.seconds + current.estimatedSeconds };
      current = plan;
      step(0);
    },
    end() {
      emit({ type: 'stage-end', atMs: nowMs(), stage: 'denoise', seconds: seconds() });
      emit({ type: 'run-end', atMs: nowMs(), seconds: seconds() });
    },
  };
}
