/** A file of text from an address, for whoever reads results: bounded in bytes and in time, ended by a signal, never half. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';

export interface FetchTextOptions {
  readonly limitBytes: number;
  readonly signal?: AbortSignal;
  /** `total` 0: the server does not tell it. */
  readonly onProgress?: (bytes: number, total: number) => void;
}

const TIME_OUT_SECONDS = 30;

/** Plain HTTP is for this machine alone: what comes over it could be anybody's. */
const HERE = ['localhost', '127.0.0.1', '[::1]'];

/** As messages and runs tell it: without what may open it, a password or the query of a signed address. */
function named(url: URL): string {
  const shown = new URL(url);
  shown.username = shown.password = shown.search = shown.hash = '';
  return shown.href;
}

/** The address that a person wrote. Throws input-invalid for what is none, or is neither https nor this machine's. */
export function fileAddress(text: string): URL {
  const written = text.trim();
  if (!URL.canParse(written))
    throw new AppError('input-invalid', `"${written.slice(0, 200)}" is no address. Write it with its https://.`);
  const url = new URL(written);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && HERE.includes(url.hostname)))
    throw new AppError('input-invalid', `${named(url)} is not https. Use https, or download the file and open it.`);
  if (url.username || url.password)
    throw new AppError(
      'input-invalid',
      `${named(url)} was given with a name or password. Download the file and open it.`,
    );
  return url;
}

/** An address as runs that came from it tell it. `url` is https or null. */
export function addressSource(address: string): { readonly name: string; readonly url: string | null } {
  const url = new URL(address);
  return { name: named(url), url: url.protocol === 'https:' ? named(url) : null };
}

/** Throws AppError: what `fileAddress` throws, network-failed, cors-refused, timed-out, file-invalid, cancelled. */
export async function fetchText(text: string, { limitBytes, signal, onProgress }: FetchTextOptions): Promise<string> {
  const url = fileAddress(text);
  // Compare is for browsers without WebGPU, too, of which some have no AbortSignal.any.
  const ending = new AbortController();
  const limit = AbortSignal.timeout(TIME_OUT_SECONDS * 1000);
  for (const end of signal ? [limit, signal] : [limit])
    end.addEventListener('abort', () => ending.abort(end.reason), { once: true });
  if (signal?.aborted) ending.abort(signal.reason);
  try {
    const response = await fetch(url, { signal: ending.signal, credentials: 'omit', referrerPolicy: 'no-referrer' });
    // Browsers keep to it themselves: a page of https fetches nothing that came over http.
    if (response.redirected) await keptTo(response);
    if (!response.ok) {
      await response.body?.cancel();
      throw new AppError(
        'network-failed',
        `${named(url)} answered ${response.status} ${response.statusText}`.trimEnd(),
      );
    }
    return await bodyText(url, response, limitBytes, onProgress);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    if (signal?.aborted) throw new AppError('cancelled', `Fetching ${named(url)} was stopped.`, { cause });
    if ((cause as Error).name === 'TimeoutError')
      throw new AppError('timed-out', `${named(url)} did not arrive within ${TIME_OUT_SECONDS} s.`, { cause });
    throw await unreachable(url, cause);
  }
}

/** Throws what `fileAddress` throws of where a redirection ended. */
async function keptTo({ url, body }: Response): Promise<void> {
  try {
    fileAddress(url);
  } catch (refused) {
    await body?.cancel();
    throw refused;
  }
}

/** Ends where the limit is passed, however much a server goes on to send. */
async function bodyText(
  url: URL,
  { body, headers }: Response,
  limitBytes: number,
  onProgress: FetchTextOptions['onProgress'],
): Promise<string> {
  const total = Number(headers.get('content-length') ?? 0);
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let bytes = 0;
  let text = '';
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > limitBytes) {
      await reader.cancel();
      throw new AppError(
        'file-invalid',
        `${named(url)} has ${mebibytes(Math.max(bytes, total))} or more; a file of runs has ${mebibytes(limitBytes)} at most.`,
      );
    }
    text += decoder.decode(value, { stream: true });
    onProgress?.(bytes, total);
  }
  return text + decoder.decode();
}

/** A browser says only that it failed; whether something answers is found by a request whose answer no page may read. */
async function unreachable(url: URL, cause: unknown): Promise<AppError> {
  const { code } = ((cause as Error).cause ?? {}) as { code?: string };
  if (typeof document === 'object' && (await answersSomething(url)))
    return new AppError(
      'cors-refused',
      `${url.host} answers, but does not let ${location.origin} read this file (CORS). Download it and open it from your disk.`,
      { cause },
    );
  return new AppError('network-failed', `${named(url)} cannot be reached (${code ?? (cause as Error).message}).`, {
    cause,
  });
}

const answersSomething = (url: URL) =>
  fetch(url, {
    mode: 'no-cors',
    credentials: 'omit',
    referrerPolicy: 'no-referrer',
    cache: 'no-store',
    signal: AbortSignal.timeout(5000),
  }).then(
    () => true,
    () => false,
  );
