/** Weights for the engine worker: from the loader's files, or out of memory; and the runs that are about them. */
import { PRESETS, type Preset } from '../src/bench/presets';
import { measureStreaming, planStreaming, streamingSettings } from '../src/bench/streaming';
import { lowerBound } from '../src/core/cost';
import { AppError } from '../src/core/errors';
import type { Emit } from '../src/core/events';
import { type DitConfig, WAN22_5B } from '../src/dit/config';
import type { GpuContext } from '../src/gpu/context';
import { calibrateUpload } from '../src/gpu/probe';
import { checkpointSource } from '../src/pipeline/checkpoint_source';
import { expectedTensors, inferSizes } from '../src/pipeline/expected_tensors';
import { memorySource } from '../src/pipeline/memory_source';
import type { WeightSource } from '../src/pipeline/weight_source';
import { UMT5_XXL } from '../src/text/config';
import { type Checkpoint, joinFiles, openTensorFile } from '../src/weights/checkpoint';
import { type Inspection, inspect } from '../src/weights/inspection';
import type { SourceClient, SourceKey } from './byte_port';
import type { StreamingChoice, StreamingOutlook, WeightChoice } from './engine_api';

/** Opens the files, hands them to `use`, and lets the loader give them up. */
async function withFiles<T>(
  loader: SourceClient | null,
  keys: readonly SourceKey[],
  use: (checkpoint: Checkpoint) => Promise<T> | T,
): Promise<T> {
  if (!loader) throw new AppError('weights-missing', 'The loader is not connected. Reload the page.');
  const sources = await Promise.all(keys.map((key) => loader.open(key)));
  try {
    return await use(joinFiles(await Promise.all(sources.map((source) => openTensorFile(source)))));
  } finally {
    for (const source of sources) source.close();
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

function presetOf(id: string): Preset {
  const preset = PRESETS.find((each) => each.id === id);
  if (!preset) throw new AppError('input-invalid', `There is no size ${id}.`);
  return preset;
}

const placementOf = ({ residency, memoryBytes }: StreamingChoice) => ({
  residency,
  memoryBytes: memoryBytes ?? undefined,
});

/** Measured once: it writes some 200 MB. */
const uploads = new WeakMap<GpuContext, Promise<number>>();

function uploadRate(context: GpuContext): Promise<number> {
  const known = uploads.get(context) ?? calibrateUpload(context).then(({ bytesPerSecond }) => bytesPerSecond);
  uploads.set(context, known);
  return known;
}

export async function outlook(
  context: GpuContext,
  loader: SourceClient | null,
  choice: StreamingChoice,
): Promise<StreamingOutlook> {
  const uploadBytesPerSecond = await uploadRate(context);
  return withWeights(context, loader, choice.weights, (source, config) => {
    const settings = streamingSettings(context);
    const { cost, ...plan } = planStreaming(settings, source, config, presetOf(choice.preset), placementOf(choice));
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
  await uploadRate(context);
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
