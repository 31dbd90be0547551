/** What a case of the matrix would take, before any runs: memory, bytes to stream, seconds; and why it cannot be, if so. */
import { type Ceiling, lowerBound } from '../core/cost';
import { AppError } from '../core/errors';
import type { CaseResult } from '../core/result';
import { mebibytes } from '../core/units';
import type { DitConfig } from '../dit/config';
import type { RecorderOptions } from '../gpu/program';
import type { CaseWish } from './cases';
import { type Placement, peakOf, planGuidedSteps, type StepsPlan } from './guided_steps';

/** What this machine does in a second, measured or assumed. */
export interface CaseRates {
  readonly ceiling: Ceiling;
  readonly uploadBytesPerSecond: number;
}

export interface CasePlan {
  readonly wish: CaseWish;
  /** As the wish says; of a partial one without a bound what it comes to. */
  readonly memoryBytes: number | null;
  readonly peakBytes: number;
  readonly streamedBytesPerStep: number;
  /** Loading, one step that warms up, and the measured ones; 0 where it is impossible. */
  readonly estimatedSeconds: number;
  readonly impossible: CaseResult['failure'];
}

export function planCase(
  settings: RecorderOptions,
  config: DitConfig,
  wish: CaseWish,
  steps: number,
  { ceiling, uploadBytesPerSecond }: CaseRates,
): CasePlan {
  const { clip, weights, batch } = wish;
  const plan = (placement: Placement) =>
    planGuidedSteps(settings, { typeOf: () => weights }, config, { clip, batch, ...placement }, steps);
  const streamed = () => plan({ residency: 'stream' });
  const memoryBytes = wish.offload === 'partial' ? (wish.memoryBytes ?? halfway(streamed())) : wish.memoryBytes;
  // Without a bound, so that one that does not fit still says what it takes.
  const planOf = (): StepsPlan => {
    if (wish.offload === 'resident') return plan({ residency: 'resident' });
    return wish.offload === 'partial' && memoryBytes !== null ? plan({ residency: 'stream', memoryBytes }) : streamed();
  };
  const of = (found: StepsPlan, impossible: AppError | null): CasePlan => {
    const { cost, residentBytes, streamedBytes } = found;
    const stepSeconds = Math.max(lowerBound(cost, ceiling), streamedBytes / uploadBytesPerSecond);
    return {
      wish,
      memoryBytes,
      peakBytes: peakOf(found),
      streamedBytesPerStep: streamedBytes,
      estimatedSeconds: impossible ? 0 : residentBytes / uploadBytesPerSecond + (steps + 1) * stepSeconds,
      impossible: impossible && { code: impossible.code, message: impossible.message },
    };
  };
  try {
    const found = planOf();
    return of(found, obstacle(wish, memoryBytes, found, settings.bindingBytes));
  } catch (failure) {
    if (!(failure instanceof AppError)) throw failure;
    return of(streamed(), failure); // too little memory even for what passes: this is the least it takes
  }
}

/** Memory in which half of the weights that could be streamed stay. */
function halfway(streamed: StepsPlan): number {
  return Math.ceil(peakOf(streamed) + streamed.streamedBytes / 2);
}

function obstacle(
  { offload }: CaseWish,
  memoryBytes: number | null,
  found: StepsPlan,
  bindingBytes = Number.POSITIVE_INFINITY,
): AppError | null {
  const peakBytes = peakOf(found);
  if (memoryBytes !== null && peakBytes > memoryBytes)
    return new AppError(
      'out-of-memory',
      `This takes ${mebibytes(peakBytes)} of GPU memory, and ${mebibytes(memoryBytes)} are allowed. Allow more, stream more of the weights, or make fewer videos at once.`,
    );
  if (found.largestBytes > bindingBytes)
    return new AppError(
      'limit-too-low',
      `This needs ${mebibytes(found.largestBytes)} in one buffer, and this GPU binds at most ${mebibytes(bindingBytes)}. Choose a smaller size, or make fewer videos at once.`,
    );
  if (offload === 'partial' && memoryBytes !== null && found.streamedBytes === 0)
    return new AppError(
      'input-invalid',
      `All weights stay in ${mebibytes(memoryBytes)}: with them this takes ${mebibytes(peakBytes)}, and is the resident case. Allow less.`,
    );
  return null;
}
