/** Previews of a run: left out where there is no memory for them, and ended by their first failure, which a remark tells. */
import type { ClipPreview } from '../core/clip_run';
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { Emit } from '../core/events';
import type { Previews } from './previews';
import type { Placement, StagesNeeds } from './stage_needs';

/** Without them where there is memory for the video alone; `remark` says then what they lacked. */
export function withPreviews(
  previews: Previews | null,
  placement: Placement,
  plan: (placement: Placement) => StagesNeeds,
): { needs: StagesNeeds; previews: Previews | null; remark: string | null } {
  try {
    return { needs: plan({ ...placement, previewBytes: previews?.gpuBytes }), previews, remark: null };
  } catch (failure) {
    if (!previews || !isOfPreviews(failure)) throw failure;
    return { needs: plan(placement), previews: null, remark: failure.message };
  }
}

/** A video is worth more than its previews: one that fails is the last, and the run goes on. */
export function showing(
  previews: Previews,
  onPreview: (preview: ClipPreview) => void,
  emit: Emit,
  signal: AbortSignal | undefined,
): (x0: Float32Array, step: number) => Promise<void> {
  let isOver = false;
  return async (x0, step) => {
    if (isOver) return;
    try {
      onPreview(await previews.show(x0, step, signal));
    } catch (failure) {
      if (!isOfPreviews(failure)) throw failure;
      isOver = true;
      previews.destroy();
      tellNoPreviews(emit, failure.message);
    }
  };
}

export const tellNoPreviews = (emit: Emit, reason: string) =>
  emit({ type: 'remark', atMs: nowMs(), code: 'no-previews', values: { reason } });

/** Not the user's wish, nor the end of the device. */
const isOfPreviews = (failure: unknown): failure is AppError =>
  failure instanceof AppError && ['out-of-memory', 'limit-too-low', 'not-finite'].includes(failure.code);
