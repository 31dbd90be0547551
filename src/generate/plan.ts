/** What settings would take on this machine, told before they run. */
import { type ClipSettings, checkClip, tokensOfClip } from '../core/clip';
import type { ClipPlan } from '../core/clip_run';
import { AppError } from '../core/errors';
import { peakOfStages } from '../core/stage_memory';
import type { GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import type { Rates } from '../gpu/rates';
import type { Storing } from '../gpu/weight_tree';
import { checkpointSource } from '../pipeline/checkpoint_source';
import { type LoraUse, withLoras } from '../pipeline/lora_source';
import { recorderOptions } from '../pipeline/options';
import { solverFor } from '../sampling/solver';
import type { ClipWish } from './generate';
import type { OpenedModel } from './model';
import { openPreviews } from './previews';
import { type Placement, type StageNeeds, stagesNeeds } from './stage_needs';
import { latentsShape } from './unfinished';

/**
 * A plan never throws for what does not fit: `impossible` says why. Throws input-invalid for settings that cannot be.
 * `storing`: the model's own weights unless given, as with LoRAs.
 */
export function planClip(
  recorder: RecorderOptions,
  model: OpenedModel,
  clip: ClipSettings,
  placement: Placement,
  rates: Rates,
  storing?: Storing,
): ClipPlan {
  checkClip(clip);
  const { width, height, frames } = clip;
  const steps = solverFor(clip).steps.length;
  const stepsLeft = steps - (placement.resume?.done ?? 0);
  const common = { size: { width, height, frames }, tokens: tokensOfClip(clip), steps };
  try {
    const { encode, image, step, decode } = stagesNeeds(recorder, model, clip, placement, rates, storing);
    const memory = {
      encode: encode?.memory ?? null,
      image: image?.memory ?? null,
      denoise: step?.memory ?? null,
      decode: decode.memory,
    };
    const whole = (needs: StageNeeds | null) => (needs ? needs.loadSeconds + needs.seconds : 0);
    const [before, after] = [whole(encode) + whole(image), whole(decode)];
    return {
      ...common,
      encodeSeconds: before,
      stepSeconds: step?.seconds ?? 0,
      decodeSeconds: after,
      seconds: before + (step?.loadSeconds ?? 0) + stepsLeft * (step?.seconds ?? 0) + after,
      peakBytes: peakOfStages(memory),
      memory,
      streamedBytesPerStep: step?.streamedBytes ?? 0,
      impossible: null,
    };
  } catch (failure) {
    if (!(failure instanceof AppError) || !['out-of-memory', 'limit-too-low'].includes(failure.code)) throw failure;
    const nothing = { encodeSeconds: 0, stepSeconds: 0, decodeSeconds: 0, seconds: 0, peakBytes: 0 };
    return { ...common, ...nothing, memory: null, streamedBytesPerStep: 0, impossible: failure.message };
  }
}

/** The model's weights, with LoRAs beside them. */
export function sourceOf(context: GpuContext, { checkpoint, networks }: OpenedModel, loras: readonly LoraUse[]) {
  const own = checkpointSource(context, checkpoint);
  return loras.length > 0 ? withLoras(context, own, loras, networks.dit) : own;
}

/**
 * As `planClip`, of a whole wish: with its LoRAs, and with its previews where there is memory for them, as `generate` does
 * it. `left`: of a run that goes on.
 */
export function planWish(
  context: GpuContext,
  model: OpenedModel,
  { settings, image, residency, memoryBytes, activation, products, loras, previewEvery }: ClipWish,
  rates: Rates,
  left: Pick<Placement, 'tokensToEncode' | 'resume'> = {},
): ClipPlan {
  const imageGiven = image !== null || (left.resume?.fixed ?? null) !== null;
  const source = sourceOf(context, model, loras);
  const recorder = recorderOptions(context, activation, products);
  const plan = (previewBytes?: number) =>
    planClip(recorder, model, settings, { ...left, residency, memoryBytes, imageGiven, previewBytes }, rates, source);
  const alone = plan();
  if (previewEvery === 0 || alone.impossible !== null) return alone;
  const shape = latentsShape(model.networks.dit.in_dim, settings);
  const previews = openPreviews(context, source, model, shape, activation);
  if (!previews?.gpuBytes) return alone;
  const whole = plan(previews.gpuBytes);
  return whole.impossible === null ? whole : alone;
}
