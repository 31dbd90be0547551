/** What settings would take on this machine, told before they run. */
import { type ClipSettings, checkClip, tokensOfClip } from '../core/clip';
import type { ClipPlan } from '../core/clip_run';
import { AppError } from '../core/errors';
import type { RecorderOptions } from '../gpu/program';
import type { Storing } from '../gpu/weight_tree';
import { solverFor } from '../sampling/solver';
import type { OpenedModel } from './model';
import type { Rates } from './rates';
import { type Placement, type StageNeeds, stagesNeeds } from './stage_needs';

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
  const common = { size: { width, height, frames }, tokens: tokensOfClip(clip), steps };
  try {
    const { encode, image, step, decode } = stagesNeeds(recorder, model, clip, placement, rates, storing);
    const whole = (needs: StageNeeds | null) => (needs ? needs.loadSeconds + needs.seconds : 0);
    const [before, after] = [whole(encode) + whole(image), whole(decode)];
    return {
      ...common,
      encodeSeconds: before,
      stepSeconds: step.seconds,
      decodeSeconds: after,
      seconds: before + step.loadSeconds + steps * step.seconds + after,
      peakBytes: Math.max(...[encode, image, step, decode].map((stage) => stage?.peakBytes ?? 0)),
      streamedBytesPerStep: step.streamedBytes,
      impossible: null,
    };
  } catch (failure) {
    if (!(failure instanceof AppError) || !['out-of-memory', 'limit-too-low'].includes(failure.code)) throw failure;
    const nothing = { encodeSeconds: 0, stepSeconds: 0, decodeSeconds: 0, seconds: 0, peakBytes: 0 };
    return { ...common, ...nothing, streamedBytesPerStep: 0, impossible: failure.message };
  }
}
