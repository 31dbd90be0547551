/** Whether a result is one: how far it is from what is expected, and whether it is numbers at all. */
import { AppError } from './errors';

export interface Deviation {
  /** ‖actual − expected‖ / ‖expected‖ */
  readonly relL2: number;
  readonly maxAbs: number;
}

/** A result that holds anything but numbers, or another count of them, is infinitely far: it must pass no comparison. */
export const INFINITELY_FAR: Deviation = { relL2: Number.POSITIVE_INFINITY, maxAbs: Number.POSITIVE_INFINITY };

export function deviation(actual: ArrayLike<number>, expected: ArrayLike<number>): Deviation {
  if (actual.length !== expected.length) return INFINITELY_FAR;
  let [squares, norm, maxAbs] = [0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    squares += difference ** 2;
    norm += expected[i]! ** 2;
    if (difference > maxAbs) maxAbs = difference;
  }
  if (!Number.isFinite(squares) || !Number.isFinite(norm)) return INFINITELY_FAR;
  return { relL2: squares === 0 ? 0 : Math.sqrt(squares / norm), maxAbs };
}

/** Throws AppError not-finite with how many of the values are NaN or infinite; what they would lead to is no result. */
export function expectFinite(what: string, values: ArrayLike<number>): void {
  let wrong = 0;
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) wrong += 1;
  if (wrong > 0)
    throw new AppError('not-finite', `${what} hold ${wrong} values of ${values.length} that are NaN or infinite.`);
}
