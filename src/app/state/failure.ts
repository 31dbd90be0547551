/** What the page keeps of an error: the code picks the advice, the text is shown as reported. */
import { AppError, type ErrorCode } from '../../core/errors';

export interface Failure {
  readonly code: ErrorCode | 'unknown';
  readonly text: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) return { code: error.code, text: error.message };
  return { code: 'unknown', text: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}

/** For Stop while a run is prepared: the engine, which is told at once, has none yet. */
export function throwIfStopping(state: { readonly name: string; readonly stopping?: boolean }): void {
  if (state.stopping) throw new AppError('cancelled', 'Stopped before it began.');
}
