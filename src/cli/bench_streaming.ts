/** `bench --offload …`: guided steps with all weights placed as told, and what bringing them cost. */
import { PRESETS } from '../bench/presets';
import { measureStreaming, type StreamingOptions, type StreamingResult } from '../bench/streaming';
import { type DitConfig, WAN22_5B } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { checkpointSource } from '../pipeline/checkpoint_source';
import { inferSizes } from '../pipeline/expected_tensors';
import { memorySource } from '../pipeline/memory_source';
import { SYNTH_TYPES } from '../pipeline/synth_bytes';
import type { WeightSource } from '../pipeline/weight_source';
import { UMT5_XXL } from '../text/config';
import { openCheckpoint } from './open_checkpoint';

export async function benchStreaming(
  context: GpuContext,
  weights: string | undefined,
  { preset, ...options }: StreamingOptions & { readonly preset: string | null },
): Promise<StreamingResult> {
  const clip = PRESETS.find(({ id }) => id === preset) ?? PRESETS[0]!;
  const { source, config } = await sourceOf(context, weights ?? 'bf16');
  return measureStreaming(context, source, config, clip, options);
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
  const { seconds, samples } = step;
  const spread =
    samples.length > 1 ? ` (${Math.min(...samples).toPrecision(4)}–${Math.max(...samples).toPrecision(4)})` : '';
  return [
    `${preset}, ${tokens} tokens, activations ${result.activations}, weights: ${weights}`,
    `one guided step ${seconds.toPrecision(4)} s${spread}, after ${loadSeconds.toPrecision(3)} s of loading`,
    `weights: ${gibibytes(residentBytes)} stay, ${gibibytes(streamedBytes)} pass in each step; peak GPU memory ${gibibytes(peakGpuBytes)}`,
    ...(brought
      ? [
          `brought in a step: ${gibibytes(brought.bytes)} at ${(brought.bytesPerSecond / 1e9).toPrecision(3)} GB/s while read and copied; ${brought.hiddenSeconds.toPrecision(3)} s of it hidden behind computing, ${brought.exposedSeconds.toPrecision(3)} s exposed`,
        ]
      : []),
  ];
}
