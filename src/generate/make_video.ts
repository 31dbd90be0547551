/**
 * A video by `generate`, with less memory where the GPU gives less than was thought: WebGPU does not tell how much there
 * is, and other programs take some. It goes on after the last finished step, with weights that pass through the GPU and
 * frames decoded in tiles, within what can be had now; each time with less, until the plan says that it is too little.
 */

import type { ClipResult } from '../core/clip_run';
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { RunEvent } from '../core/events';
import type { GpuContext } from '../gpu/context';
import { probeMemory } from '../gpu/probe';
import { ratesOf } from '../gpu/rates';
import { type ClipWish, type GenerateOptions, generate, notKept } from './generate';
import type { OpenedModel } from './model';
import { planWish } from './plan';
import { promptIds } from './prompt';
import type { Unfinished } from './unfinished';

/** Of the memory that can be had, left to the driver; and of the memory that was refused, asked for next. */
const SHARE = 0.9;
const LESS = 0.75;

/** Throws what `generate` throws: out-of-memory, with both numbers, where no way takes as little as there is. */
export async function makeVideo(
  context: GpuContext,
  model: OpenedModel,
  wish: ClipWish,
  options: GenerateOptions,
): Promise<ClipResult> {
  const { beganMs = nowMs() } = options;
  let within = wish;
  let resume = options.resume;
  let hasFrames = false;
  for (;;) {
    try {
      return await generate(context, model, within, {
        ...options,
        beganMs,
        resume,
        emit: within === wish ? options.emit : (event) => tellOnce(event, within.memoryBytes!, options.emit),
        onFrames: (frames) => {
          hasFrames = true;
          return options.onFrames(frames);
        },
        onState: (unfinished: Unfinished) => {
          resume = unfinished;
          return options.onState?.(unfinished);
        },
      });
    } catch (failure) {
      // Frames that were given cannot be taken back; the state that was kept goes on.
      if (!(failure instanceof AppError) || failure.code !== 'out-of-memory' || hasFrames) throw failure;
      const left = {
        resume: resume?.state,
        tokensToEncode: await notKept(promptIds(model, wish.settings), options.embeddings),
      };
      const whyNot = (wish: ClipWish) =>
        planWish(context, model, wish, ratesOf(context, options.uploadBytesPerSecond), left).impossible;
      if (whyNot(within) !== null) throw failure; // by the plan, before the GPU was asked
      const { memoryBytes: refused = Number.POSITIVE_INFINITY } = within;
      const memoryBytes = Math.floor(Math.min(SHARE * (await probeMemory(context, options.signal)), LESS * refused));
      const less: ClipWish = { ...within, residency: 'stream', memoryBytes };
      const impossible = whyNot(less);
      if (impossible !== null) throw new AppError('out-of-memory', impossible);
      within = less;
    }
  }
}

/** Behind the begin of the run, which forgets what was told before it. */
function tellOnce(event: RunEvent, memoryBytes: number, emit: GenerateOptions['emit']): void {
  emit?.(event);
  if (event.type === 'run-begin')
    emit?.({ type: 'remark', atMs: nowMs(), code: 'less-memory', values: { memoryBytes } });
}
