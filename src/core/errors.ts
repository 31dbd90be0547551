/**
 * Every failure a user can meet. The code is stable: the page picks its advice
 * by it, it survives the worker boundary, and it is what tests match.
 * A message says what happened, with both numbers, and what to do about it.
 */
export const ERROR_CODES = [
  'webgpu-missing',
  'adapter-refused',
  'limit-too-low',
  'device-lost',
  'out-of-memory',
  'gpu-failed',
  'gpu-busy',
  'shader-invalid',
  'shape-mismatch',
  'not-finite',
  'weights-missing',
  'file-invalid',
  'network-failed',
  'cors-refused',
  'mixed-content',
  'access-denied',
  'rate-limited',
  'timed-out',
  'storage-full',
  'storage-busy',
  'storage-failed',
  'checksum-wrong',
  'job-failed',
  'input-invalid',
  'cancelled',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Of a text by strangers that goes into a message: its beginning. */
export function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
