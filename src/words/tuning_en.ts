/** The choosing of kernels for this GPU, in English; `tuning_zh.ts` has the same shape. */
import type { TuningSource } from '../core/result';

export const tuning = {
  line: 'Tuning kernels for this GPU: each is tried in several forms, and the fastest is kept. Once, 20 s at most.',
  skip: 'Skip',
  /** How the kernels of a result were chosen. */
  sources: {
    tuned: 'Kernels tuned on this device.',
    shipped: 'Kernels tuned on another device of this kind.',
    default: 'Kernels not tuned.',
  } satisfies Record<TuningSource, string>,
};
