/** What a server's refusal, or its silence, means to a user; and which of them pass when one asks again. */
import { AppError } from '../core/errors';
import { toldWait } from '../core/told_wait';

/** The next attempt may succeed. Never leaves this folder: it is tried again, or becomes an AppError. */
export class PassingFailure extends Error {
  constructor(
    message: string,
    readonly why: 'failed' | 'stalled' | 'rate-limited',
    /** The server said how long to wait. */
    readonly waitSeconds?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The answer of a host that could not be reached, or that a page may not read: fetch does not tell which. */
export function unreachable(address: string, cause: unknown): PassingFailure {
  // Node says more than the browser: the reason is the cause of the TypeError.
  const reason = (cause as Error).cause ?? cause;
  const { code, message } = reason as { code?: string; message?: string };
  const host = new URL(address).host;
  if (globalThis.navigator?.onLine === false)
    return new PassingFailure(`this machine is offline, so ${host} cannot be reached`, 'failed', undefined, { cause });
  // Only a browser has a rule that forbids to read an answer.
  const hidden = typeof document === 'object' || typeof importScripts === 'function';
  const what = hidden
    ? `${host} cannot be reached, or does not let other sites read its files (CORS); a browser does not say which`
    : `${host} cannot be reached (${code ?? message})`;
  return new PassingFailure(what, 'failed', undefined, { cause });
}
declare const importScripts: unknown;

/** Statuses that come and go: time-outs, overload, and gateways between here and the file. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530]);

/** The failure behind a status that was not hoped for. */
export function refusal({ status, headers }: Response, address: string): AppError | PassingFailure {
  const said = headers.get('x-error-message');
  const words = said ? ` It says: ${said}` : '';
  if (PASSING.has(status)) {
    const wait = toldWait(headers);
    return new PassingFailure(`the answer is status ${status}`, status === 429 ? 'rate-limited' : 'failed', wait);
  }
  switch (status) {
    case 401:
      return new AppError(
        'access-denied',
        `${address}: the server wants to know who asks (status 401). The repository is private or gated, or there is none of this name: check the name, or give an access token.${words}`,
      );
    case 403:
      return new AppError(
        'access-denied',
        `${address}: the server does not allow it (status 403). Either access to this repository was never asked for, or the request is not granted yet, or the access token lacks the right to read it.${words}`,
      );
    case 404:
      return new AppError(
        'weights-missing',
        `${address}: the server has no such file (status 404). Check repository, revision and path.${words}`,
      );
    case 416:
      return new AppError(
        'file-invalid',
        `${address}: the server has no such range (status 416; range "${headers.get('content-range') ?? 'not told'}"). The file became shorter on the server: open it again.${words}`,
      );
    default:
      return new AppError('weights-missing', `${address}: the server answers with status ${status}.${words}`);
  }
}

/** Asked again as often as makes sense, to no avail. */
export function givenUp(failure: PassingFailure, address: string, attempts: number): AppError {
  const { why, waitSeconds, message, cause } = failure;
  if (why !== 'rate-limited')
    return new AppError(
      'network-failed',
      `${address}: ${message} (${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}). What has arrived is kept; try again later.`,
      { cause },
    );
  const told = waitSeconds === undefined ? '' : ` It asks to wait ${Math.ceil(waitSeconds)} s.`;
  return new AppError(
    'rate-limited',
    `${address}: the server has had too many requests from here (status 429, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}).${told} Go on later.`,
    { cause },
  );
}
