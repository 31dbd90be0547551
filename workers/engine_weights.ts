/** Weights for the engine worker: from the loader's files, or out of memory; and the runs that are about them. */
import { planGuidedSteps } from '../src/bench/guided_steps';
import { presetOf } from '../src/bench/presets';
import { measureRoofs } from '../src/bench/roofs';
import { measureStreaming } from '../src/bench/streaming';
import { lowerBound } from '../src/core/cost';
import { AppError } from '../src/core/errors';
import type { Emit } from '../src/core/events';
import { type DitConfig, WAN22_5B } from '../src/dit/config';
import type { GpuContext } from '../src/gpu/context';
import { checkpointSource } from '../src/pipeline/checkpoint_source';
import { expectedTensors, inferSizes } from '../src/pipeline/expected_tensors';
import { memorySource } from '../src/pipeline/memory_source';
import { activationFor, recorderOptions } from '../src/pipeline/options';
import type { WeightSource } from '../src/pipeline/weight_source';
import { UMT5_XXL } from '../src/text/config';
import { type Checkpoint, joinFiles, openTensorFile } from '../src/weights/checkpoint';
import { type Inspection, inspect } from '../src/weights/inspection';
import type { SourceClient, SourceKey } from './byte_port';
import type { StreamingChoice, StreamingOutlook, WeightChoice } from './engine_api';
import type { Closable } from './last_opened';
import { openSources } from './open_sources';

/** Opens the files, hands them to `use`, and lets the loader give them up. */
async function withFiles<T>(
  loader: SourceClient | null,
  keys: readonly SourceKey[],
  use: (checkpoint: Checkpoint) => Promise<T> | T,
): Promise<T> {
  const opened: Closable[] = [];
  try {
    const sources = await openSources(loader, keys, opened);
    return await use(joinFiles(await Promise.all(sources.map((source) => openTensorFile(source)))));
  } finally {
    for (const source of opened) source.close();
  }
}

async function withWeights<T>(
  context: GpuContext,
  loader: SourceClient | null,
  weights: WeightChoice,
  use: (source: WeightSource, config: DitConfig) => Promise<T> | T,
): Promise<T> {
  if (weights.kind === 'memory')
    return use(memorySource(context, weights.type, UMT5_XXL.dim_attn / UMT5_XXL.num_heads), WAN22_5B);
  return withFiles(loader, weights.keys, (checkpoint) => {
    if (!checkpoint.tensors.has('patch_embedding.weight'))
      throw new AppError(
        'weights-missing',
        `${checkpoint.label} has no patch_embedding.weight: it is not the transformer. Choose a file that holds it.`,
      );
    return use(checkpointSource(context, checkpoint), inferSizes(checkpoint).dit);
  });
}

const placementOf = ({ residency, memoryBytes }: StreamingChoice) => ({
  residency,
  memoryBytes: memoryBytes ?? undefined,
});

/** Share of the arithmetic roof that our kernels reach: an H100's 0.4, llvmpipe's a quarter (docs/performance.md). */
const EFFICIENCY = { gpu: 0.4, software: 0.25 } as const;

const rates = new WeakMap<GpuContext, Promise<number>>();

type Within = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * How fast weights go to the GPU; and plans computing by what is measured. Once a device; takes seconds, in which nothing
 * else may use the GPU: `within` sees to that where no run does.
 */
export function measureRates(context: GpuContext, within: Within = (work) => work()): Promise<number> {
  const known = rates.get(context);
  if (known) return known;
  const measuring = within(() => measureRoofs(context)).then(
    ({ fp32FlopsPerSecond, bytesPerSecond, uploadBytesPerSecond }) => {
      const share = EFFICIENCY[context.device.machine.software ? 'software' : 'gpu'];
      context.runner.calibrate({ flopsPerSecond: fp32FlopsPerSecond * share, bytesPerSecond });
      return uploadBytesPerSecond;
    },
  );
  rates.set(context, measuring);
  measuring.catch(() => rates.delete(context)); // so that the next asks again
  return measuring;
}

/** Rates that are being measured hold GPU memory, as a run does: the one waits for the other. */
export const ratesKnown = (context: GpuContext): Promise<unknown> | undefined => rates.get(context)?.catch(() => {});

export function outlook(
  context: GpuContext,
  loader: SourceClient | null,
  choice: StreamingChoice,
  uploadBytesPerSecond: number,
): Promise<StreamingOutlook> {
  return withWeights(context, loader, choice.weights, (source, config) => {
    const settings = recorderOptions(context, activationFor(context));
    const what = { clip: presetOf(choice.preset), batch: 1, ...placementOf(choice) };
    const { cost, largestBytes: _, ...plan } = planGuidedSteps(settings, source, config, what, choice.steps);
    return { ...plan, stepSeconds: lowerBound(cost, context.runner.ceiling), uploadBytesPerSecond };
  });
}

export async function stream(
  context: GpuContext,
  loader: SourceClient | null,
  choice: StreamingChoice,
  signal: AbortSignal,
  emit: Emit,
) {
  await measureRates(context);
  return withWeights(context, loader, choice.weights, (source, config) =>
    measureStreaming(context, source, config, presetOf(choice.preset), {
      ...placementOf(choice),
      steps: choice.steps,
      signal,
      emit,
    }),
  );
}

export const inspectFiles = (loader: SourceClient | null, keys: readonly SourceKey[]): Promise<Inspection> =>
  withFiles(loader, keys, (checkpoint) => inspect(checkpoint, expectedTensors(inferSizes(checkpoint))));
