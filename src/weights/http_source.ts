/**
 * A file behind a URL, read by range requests. One `Range: bytes=a-b` needs no
 * preflight, so any host that allows cross-origin reading will do.
 */
import { AppError } from '../core/errors';
import { type ByteSource, checkRange, throwIfCancelled, whole } from './byte_source';

/** A connection that breaks once in a thousand requests must not cost a load of ten gigabytes. */
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 250;

/** Asks the server for the file's size. Throws weights-missing where it has no such file or serves no ranges. */
export async function openHttpSource(url: string, signal?: AbortSignal): Promise<ByteSource> {
  const request = resolvingRequests(url);
  const probe = await request({ headers: { range: 'bytes=0-0' }, ...(signal && { signal }) });
  const first = contentRange(probe);
  await probe.body?.cancel();
  if (probe.status !== 206 && probe.status !== 416)
    throw new AppError(
      'weights-missing',
      `${url}: the server sends whole files only (status ${probe.status} to a request for one byte). Use a host that serves ranges, or a downloaded file.`,
    );
  const bytes = first?.total ?? (await headLength(url, request, signal));

  const source: ByteSource = {
    name: url,
    bytes,
    async read(begin, end, signal) {
      checkRange(source, begin, end);
      if (begin === end) return new Uint8Array();
      const headers = { range: `bytes=${begin}-${end - 1}` };
      return request({ headers, ...(signal && { signal }) }, async (response) => {
        const sent = contentRange(response);
        if (response.status !== 206 || (sent && (sent.begin !== begin || sent.total !== bytes)))
          throw new AppError(
            'file-invalid',
            `${url}: bytes ${begin}–${end} of ${bytes} were asked for; the answer has status ${response.status} and range "${response.headers.get('content-range')}".`,
          );
        return whole(new Uint8Array(await response.arrayBuffer()), source, begin, end);
      });
    },
  };
  return source;
}

type Use<T> = (response: Response) => Promise<T> | T;
type Request = <T = Response>(init: RequestInit, use?: Use<T>) => Promise<T>;

/**
 * fetch, with a few attempts. Model hubs redirect to a signed address that
 * expires: it is used as long as it works, and then asked for again.
 */
function resolvingRequests(url: string): Request {
  let address = url;
  return async <T>(init: RequestInit, use: Use<T> = (response) => response as T) => {
    for (let attempt = 1; ; attempt++) {
      throwIfCancelled(init.signal ?? undefined, url);
      try {
        const response = await fetch(address, init);
        const { ok, status } = response;
        // 416 is the answer to a range of an empty file.
        if (ok || status === 416) {
          const result = await use(response);
          address = response.url || url;
          return result;
        }
        await response.body?.cancel();
        const passing = status >= 500 || status === 408 || status === 429 || address !== url;
        address = url;
        if (!passing) throw new AppError('weights-missing', `${url}: the server answers with status ${status}.`);
        throw new Error(`status ${status}`);
      } catch (failure) {
        throwIfCancelled(init.signal ?? undefined, url);
        if (failure instanceof AppError) throw failure;
        if (attempt === ATTEMPTS)
          throw new AppError(
            'weights-missing',
            `${url} cannot be read, or its server does not let other sites read it (${failure}, ${ATTEMPTS} attempts).`,
            { cause: failure },
          );
      }
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 2 ** (attempt - 1)));
    }
  };
}

/** Some hosts do not let a page see Content-Range; Content-Length it may always see. */
async function headLength(url: string, request: Request, signal: AbortSignal | undefined): Promise<number> {
  const response = await request({ method: 'HEAD', ...(signal && { signal }) });
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  if (!Number.isSafeInteger(length))
    throw new AppError('weights-missing', `${url}: the server does not say how long the file is.`);
  return length;
}

function contentRange(response: Response): { begin: number; total: number } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  return match ? { begin: Number(match[1] ?? 0), total: Number(match[2]) } : undefined;
}
