/** `bench --offload …`: guided steps with all weights placed as told, and what bringing them cost. */
import { planGuidedSteps } from '../bench/guided_steps';
import { partsOfSteps } from '../bench/memory_within';
import { PRESETS, tokensOf } from '../bench/presets';
import { measureStreaming, type StreamingOptions, type StreamingResult } from '../bench/streaming';
import { activationsName } from '../core/products';
import { type DitConfig, WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { checkpointSource } from '../pipeline/checkpoint_source';
import { inferSizes } from '../pipeline/expected_tensors';
import { memorySource } from '../pipeline/memory_source';
import { activationFor, recorderOptions } from '../pipeline/options';
import { SYNTH_TYPES } from '../pipeline/synth_bytes';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import { en } from '../words/en';
import { memoryLines } from '../words/memory_lines';
import { openCheckpoint } from './open_checkpoint';

interface ChosenPreset {
  readonly preset: string | null;
}

type PlanOptions = Pick<StreamingOptions, 'steps' | 'residency' | 'memoryBytes' | 'products'> & ChosenPreset;

const presetOrFirst = (preset: string | null) => PRESETS.find(({ id }) => id === preset) ?? PRESETS[0]!;

export async function benchStreaming(
  context: GpuContext,
  weights: string | undefined,
  { preset, ...options }: StreamingOptions & ChosenPreset,
): Promise<StreamingResult> {
  const clip = presetOrFirst(preset);
  const { source, config } = await sourceOf(context, weights ?? 'bf16');
  return measureStreaming(context, source, config, clip, options);
}

/** What the same would take, without running it. Throws AppError out-of-memory with both numbers where it does not fit. */
export async function planStreaming(
  context: GpuContext,
  weights: string | undefined,
  { preset, steps, products, ...placement }: PlanOptions,
): Promise<string[]> {
  const clip = presetOrFirst(preset);
  const { source, config } = await sourceOf(context, weights ?? 'bf16');
  const settings = recorderOptions(context, activationFor(context), products);
  const plan = planGuidedSteps(settings, source, config, { clip, batch: 1, ...placement }, steps);
  const denoise = partsOfSteps(plan);
  return [
    `${clip.id}, ${tokensOf(clip)} tokens, activations ${activationsName(settings.activation, products)}, weights: ${source.label}`,
    `${gibibytes(plan.residentBytes)} of them stay, ${gibibytes(plan.streamedBytes)} pass in each step`,
    ...memoryLines({ encode: null, image: null, denoise, decode: null }, en),
  ];
}

async function sourceOf(context: GpuContext, weights: string): Promise<{ source: WeightSource; config: DitConfig }> {
  const type = SYNTH_TYPES.find((known) => known === weights);
  if (type) return { source: memorySource(context, type, UMT5_XXL.dim_attn / UMT5_XXL.num_heads), config: WAN22_5B };
  const checkpoint = await openCheckpoint(weights);
  return { source: checkpointSource(context, checkpoint), config: inferSizes(checkpoint).dit };
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

export function streamingSummary(result: StreamingResult): string[] {
  const { preset, tokens, weights, step, brought, residentBytes, streamedBytes, peakGpuBytes, loadSeconds } = result;
  const { outsideKernels } = result;
  const { seconds, samples } = step;
  const spread =
    samples.length > 1 ? ` (${Math.min(...samples).toPrecision(4)}–${Math.max(...samples).toPrecision(4)})` : '';
  return [
    `${preset}, ${tokens} tokens, activations ${result.activations}, weights: ${weights}`,
    `one guided step ${seconds.toPrecision(4)} s${spread}, after ${loadSeconds.toPrecision(3)} s of loading`,
    `weights: ${gibibytes(residentBytes)} stay, ${gibibytes(streamedBytes)} pass in each step; peak GPU memory ${gibibytes(peakGpuBytes)}`,
    ...(outsideKernels === null ? [] : [`${(100 * outsideKernels).toPrecision(2)} % of a step outside kernels`]),
    ...(brought
      ? [
          `brought in a step: ${gibibytes(brought.bytes)} at ${(brought.bytesPerSecond / 1e9).toPrecision(3)} GB/s while read and copied; ${brought.hiddenSeconds.toPrecision(3)} s of it hidden behind computing, ${brought.exposedSeconds.toPrecision(3)} s exposed`,
        ]
      : []),
  ];
}
