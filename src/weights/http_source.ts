/**
 * A file behind a URL, read by range requests. One `Range: bytes=a-b` needs no
 * preflight, so any host that allows cross-origin reading will do.
 */
import { AppError } from '../core/errors';
import { isWebAddress, withoutSecrets } from './address';
import { type ByteSource, checkRange, MAX_FILE_BYTES } from './byte_source';
import { type FileVersion, versionOf, versionWatch } from './file_version';
import { type Answer, type Ask, converse, HTTP, type HttpClient, type HttpCounts, request } from './http_client';
import { PassingFailure, refusal } from './http_failures';

/** What a stream may keep in the network's own buffers, while its reader is busy. */
const STREAM_BYTES = 1024 * 1024;
/** Of an answer that is read to its end only to keep the connection: one byte, or a page that says why not. */
const MOST_UNUSED_BYTES = 16 * 1024;
/** And so long: a new connection takes less. */
const MOST_UNUSED_SECONDS = 1;
/** The answers of a signed address that has expired. */
const EXPIRED = [401, 403, 410];

export interface HttpSource extends ByteSource {
  /** Of the whole file, in hexadecimal, where a hub's list told it. */
  readonly sha256?: string;
  /** As the first answer told it. Give it along when the file is opened again, where bytes of it were kept. */
  readonly version: FileVersion | undefined;
  /** What this source has cost so far. */
  readonly requests: number;
  readonly bytesReceived: number;
  /**
   * Bytes [begin, end) as they arrive, in pieces of any size. After a cut it goes on from where it got to. It holds
   * one of its host's 1–4 places until it ends or is left: do not wait for another read of that host in its loop.
   */
  stream(begin: number, end: number, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

export interface HttpOptions {
  readonly signal?: AbortSignal | undefined;
  readonly client?: HttpClient | undefined;
  /** What the user knows the file by; unless given, the address without its query. */
  readonly name?: string | undefined;
  /** Known from a hub's list, or from when bytes of it were kept. The server must agree, or not say. */
  readonly bytes?: number | undefined;
  readonly version?: FileVersion | undefined;
  readonly sha256?: string | undefined;
  /** Unless it is empty sent to the address's own origin, as a bearer; never to where it redirects. Makes browsers ask first (preflight). */
  readonly token?: string | undefined;
}

/**
 * Asks the server for one byte, and so for the file's size. Throws weights-missing where it has no such file, serves
 * no ranges or does not tell the size; file-invalid where it has another file than it had; access-denied, rate-limited, network-failed, cancelled as they are named.
 */
export async function openHttpSource(url: string, options: HttpOptions = {}): Promise<HttpSource> {
  const { client = HTTP, sha256, token } = options;
  const counts: HttpCounts = { requests: 0, bytesReceived: 0 };
  const file = resolvingAddress(url, token);
  const differs = versionWatch(options.version);
  let version: FileVersion | undefined;

  const bytes = await fileBytes();
  const source: HttpSource = {
    name: options.name ?? withoutSecrets(url),
    bytes,
    ...(sha256 !== undefined && { sha256 }),
    version,
    get requests() {
      return counts.requests;
    },
    get bytesReceived() {
      return counts.bytesReceived;
    },
    stream: (begin, end, signal) => arriving(begin, end, Math.min(end - begin, STREAM_BYTES), signal),
    async read(begin, end, signal) {
      let target = new Uint8Array();
      let at = 0;
      for await (const chunk of arriving(begin, end, end - begin, signal)) {
        // Not before: a read that still waits for its turn takes no memory.
        if (at === 0) target = new Uint8Array(end - begin);
        target.set(chunk, at);
        at += chunk.length;
      }
      return target;
    },
  };
  return source;

  async function* arriving(begin: number, end: number, bytesHeld: number, signal: AbortSignal | undefined) {
    checkRange(source, begin, end);
    let at = begin;
    const ask = () => file.ask({ headers: { range: `bytes=${at}-${end - 1}` }, bytes: bytesHeld });
    if (begin === end) return;
    const conversation = { address: url, signal, counts, ask, again: file.expired, unanswered: file.forget };
    yield* converse(client, conversation, async function* (answer) {
      const told = checkAnswer(answer, at, end);
      for await (const chunk of answer.body()) {
        if (at + chunk.length > end)
          throw new AppError('file-invalid', `${url} gave more than the bytes ${begin}–${end} that were asked for.`);
        at += chunk.length;
        yield chunk;
      }
      if (at === end) return;
      // It says which bytes these are: the rest is asked for. Where it does not, they may be any.
      if (told) throw new PassingFailure(`the answer ended ${end - at} bytes early`, 'failed');
      throw new AppError(
        'file-invalid',
        `${url} gave ${at - begin} of the ${end - begin} bytes from ${begin} on. It is cut off, or changed while it was read.`,
      );
    });
  }

  /** The answer is the range asked for, of the file first seen. Returns whether it says so. */
  function checkAnswer({ response }: Answer, begin: number, end: number): boolean {
    const { status, headers } = response;
    if (status === 416) throw refusal(response, url);
    const told = contentRange(response);
    if (told?.total !== undefined && told.total !== bytes)
      throw changed(`it had ${bytes} bytes, and now has ${told.total}`);
    const length = headers.get('content-length');
    // What says neither which bytes it has nor how many may be anything, and is found out when some were used.
    const wrong = told
      ? told.begin !== begin || told.end > end
      : length === null || headers.has('content-encoding') || Number(length) !== end - begin;
    if (status !== 206 || wrong)
      throw new AppError(
        'file-invalid',
        `${url}: bytes ${begin}–${end} of ${bytes} were asked for; the answer has status ${status}, range "${headers.get('content-range')}" and ${length ?? 'an untold number of'} bytes. Use a host that serves ranges, or a downloaded file.`,
      );
    checkVersion(response);
    file.remember(response);
    return told !== undefined;
  }

  function checkVersion(response: Response): FileVersion | undefined {
    const now = versionOf(response, url);
    const before = now && differs(now);
    if (before) throw changed(`its ${before.header} was ${before.tag}, and now is ${now.tag}`);
    return now;
  }

  function changed(how: string): AppError {
    return new AppError(
      'file-invalid',
      `${url} changed on the server: ${how}. Open it again; if bytes of it are stored, delete them and download it again.`,
    );
  }

  async function fileBytes(): Promise<number> {
    const { signal, bytes: known } = options;
    const conversation = { address: url, signal, counts, again: file.expired };
    const ask = () => file.ask({ headers: { range: 'bytes=0-0' } });
    const told = await request(client, { ...conversation, ask }, async (answer) => {
      const { response } = answer;
      if (response.status !== 206 && response.status !== 416)
        throw new AppError(
          'weights-missing',
          `${url}: the server sends whole files only (status ${response.status} to a request for one byte). Use a host that serves ranges, or a downloaded file.`,
        );
      const total = contentRange(response)?.total;
      if (response.status === 416 && total) throw refusal(response, url);
      version = checkVersion(response);
      file.remember(response);
      await readUnused(answer);
      return total;
    });
    const total = told ?? (await headBytes(conversation)) ?? known;
    if (known !== undefined && total !== known)
      throw changed(`it was known to have ${known} bytes, and now has ${total}`);
    if (total === undefined)
      throw new AppError('weights-missing', `${url}: the server does not say how long the file is.`);
    if (total > MAX_FILE_BYTES)
      throw new AppError(
        'file-invalid',
        `${url}: the server says the file has ${total} bytes; ${MAX_FILE_BYTES} are the most that is read. Use another host.`,
      );
    return total;
  }

  /** Some hosts do not let a page see Content-Range; Content-Length it may always see. Some refuse HEAD. */
  async function headBytes(conversation: { address: string; signal: AbortSignal | undefined }) {
    const ask = () => file.ask({ method: 'HEAD' });
    try {
      return await request(client, { ...conversation, counts, ask, again: file.expired }, ({ response }) => {
        // An encoded answer has another length than the file.
        const { headers } = response;
        const length = headers.has('content-encoding')
          ? Number.NaN
          : Number(headers.get('content-length') ?? Number.NaN);
        return response.ok && Number.isSafeInteger(length) ? length : undefined;
      });
    } catch (failure) {
      if (failure instanceof AppError && failure.code === 'cancelled') throw failure;
      return undefined;
    }
  }
}

/** Read to its end, a connection can be used again; one whose answer does not end soon is closed by whoever opened it. */
async function readUnused(answer: Answer): Promise<void> {
  const reading = (async () => {
    let unusedBytes = 0;
    for await (const { length } of answer.body()) if ((unusedBytes += length) > MOST_UNUSED_BYTES) break;
  })();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, MOST_UNUSED_SECONDS * 1000);
  });
  await Promise.race([reading, waited]).finally(() => clearTimeout(timer));
}

/**
 * Model hubs redirect to a signed address that expires: it is used as long as it works, which spares the hub's
 * counted requests, and then asked for again.
 */
function resolvingAddress(url: string, token: string | undefined) {
  if (!isWebAddress(url)) throw new AppError('weights-missing', `"${url}" is not a web address (http:// or https://).`);
  const own = new URL(url).origin;
  let address = url;
  const forget = ({ address: used }: Ask): void => {
    if (address === used) address = url; // another request may have a new one already
  };
  return {
    ask({ headers, ...rest }: Omit<Ask, 'address'>): Ask {
      const trusted = Boolean(token) && new URL(address).origin === own;
      return { address, headers: { ...headers, ...(trusted && { authorization: `Bearer ${token}` }) }, ...rest };
    },
    remember(response: Response): void {
      if (response.redirected) address = response.url;
    },
    expired(status: number, ask: Ask): boolean {
      if (ask.address === url || !EXPIRED.includes(status)) return false;
      forget(ask);
      return true;
    },
    // Storage hosts refuse without the headers that would let a page see it: to fetch, that is no answer.
    forget,
  };
}

function contentRange(response: Response): { begin: number; end: number; total: number | undefined } | undefined {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (!match) return undefined;
  const [, first, last, total] = match;
  return {
    begin: Number(first ?? 0),
    end: Number(last ?? -1) + 1,
    total: total === '*' ? undefined : Number(total),
  };
}
