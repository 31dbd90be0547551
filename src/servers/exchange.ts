/**
 * One question to a server and its answer: bounded in bytes and in time, ended by
 * a signal, and every way it can fail an AppError. Plain fetch, in browsers and
 * in Node.
 */
import { nowMs } from '../core/clock';
import { AppError, type ErrorCode, excerpt } from '../core/errors';
import { isDeeper, textExtent } from '../core/nesting';
import { mebibytes } from '../core/units';
import { type Addressee, hostOf, type Patience, type Server } from './server';
import { PassingRefusal, refusal, stopped, unreachable } from './server_failures';

/** With whom, and how patiently. */
export interface Line {
  readonly server: Addressee;
  readonly patience: Patience;
  readonly signal?: AbortSignal | undefined;
  /** A job was begun there. It goes on whether it is heard of or not, so what passes is borne for long. */
  readonly outage?: Outage | undefined;
}

interface Outage {
  readonly untilMs: number;
  /** Before each pause. */
  readonly onFailure: () => void;
}

/** With a server of a known kind. */
export interface KnownLine extends Line {
  readonly server: Server;
}

export interface Question {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  /** From the server's address on: '/v1/videos'. */
  readonly path: string;
  /** For messages: 'The list of videos'. */
  readonly what: string;
  readonly form?: FormData;
  readonly json?: unknown;
  /** The answer grows with what everybody asked of the server. */
  readonly isList?: true;
  /** What a 404 means here, in place of the usual. */
  readonly gone?: string;
}

interface Limits {
  readonly bytes: number;
  readonly seconds: number;
}

/** Of a refusal only the beginning is read. */
const REFUSAL_BYTES = 64 * 1024;

/** Made room for before anything came; doubled as it fills. */
const FIRST_BYTES = 16 * 1024;

/** Those of the known servers have ten. What is nested deeper by thousands could not be kept. */
const MOST_LEVELS = 32;

/**
 * A page parses and checks as many in a tenth of a second. A job has some fifty, the history of our prompt a hundred, and the
 * description of a loader one for each file in its folder.
 */
const MOST_VALUES = 2 ** 16;
/** Each prompt of a ComfyUI's queue has its whole graph, some thousand with the one that people see; a job in a list has twenty. */
const MOST_LIST_VALUES = 2 ** 18;

/** The answer as JSON, not yet checked. Throws file-invalid for anything else, and what `askBytes` throws. */
export async function askJson(line: Line, question: Question): Promise<unknown> {
  const { jsonBytes, listBytes, answerSeconds } = line.patience;
  const most = question.isList ? listBytes : jsonBytes;
  const { bytes, type } = await ask(line, question, { bytes: most, seconds: answerSeconds });
  const text = new TextDecoder().decode(bytes);
  const mostValues = question.isList ? MOST_LIST_VALUES : MOST_VALUES;
  const { values } = textExtent(text);
  // A web page is none at its first character.
  if (/^\s*[[{]/.test(text) && values > mostValues)
    throw new AppError(
      'file-invalid',
      `${question.what} from ${hostOf(line.server)} has some ${values} values of JSON, and at most ${mostValues} are read. ${question.isList ? 'Clear it on the server, or start the server anew.' : 'This is not what such a server sends.'}`,
    );
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    const isPage = type.includes('html') || /^\s*</.test(text);
    throw new AppError(
      'file-invalid',
      isPage
        ? `${question.what} at ${hostOf(line.server)} is a web page, not JSON: this is the address of something people look at, perhaps a sign-in page. Give the address of the server itself.`
        : `${question.what} at ${hostOf(line.server)} is not JSON: "${excerpt(tellable(line, text))}". Is it this kind of server?`,
      { cause },
    );
  }
  if (!isDeeper(answer, MOST_LEVELS)) return answer;
  throw new AppError(
    'file-invalid',
    `${question.what} at ${hostOf(line.server)} is nested to more than ${MOST_LEVELS} levels. This is not what such a server sends.`,
  );
}

/** What a server sent, for messages: some repeat the token that they do not accept. */
const tellable = ({ server: { token } }: Line, text: string): string => (token ? text.replaceAll(token, '…') : text);

/** The finished video. Throws file-invalid for what begins as no MP4 or WebM does. */
export async function askVideo(line: Line, question: Question): Promise<Blob> {
  const { videoBytes, videoSeconds } = line.patience;
  const { bytes } = await ask(line, question, { bytes: videoBytes, seconds: videoSeconds });
  const type = videoType(bytes);
  if (type) return new Blob([bytes], { type });
  const text = tellable(line, new TextDecoder().decode(bytes.subarray(0, 200))).replace(/[^\x20-\x7e]+/g, ' ');
  throw new AppError(
    'file-invalid',
    `${question.what} from ${hostOf(line.server)} is neither MP4 nor WebM: ${bytes.length} bytes that begin with "${excerpt(text)}".`,
  );
}

/** By ISO 14496-12's `ftyp` box and by EBML's magic number: types that servers name are not always right. */
function videoType(bytes: Uint8Array): string | null {
  if (String.fromCharCode(...bytes.subarray(4, 8)) === 'ftyp') return 'video/mp4';
  return bytes[0] === 0x1a && bytes[1] === 0x45 && bytes[2] === 0xdf && bytes[3] === 0xa3 ? 'video/webm' : null;
}

/** Asks again, with growing pauses, as long as the failures are of those that pass. For questions that change nothing. */
export async function persist<T>(line: Line, once: () => Promise<T>): Promise<T> {
  const { outage, patience } = line;
  for (let attempt = 1; ; attempt++) {
    try {
      return await once();
    } catch (failure) {
      const isOver = attempt >= patience.attempts && nowMs() >= (outage?.untilMs ?? 0);
      if (isOver || !passes(failure, line)) throw failure;
      const told = failure instanceof PassingRefusal ? failure.waitSeconds : null;
      if (!outage && (told ?? 0) > patience.longestWaitSeconds) throw failure;
      outage?.onFailure();
      const grown = Math.min(patience.pauseSeconds * 2 ** (attempt - 1), patience.longestPollSeconds);
      await pause(line, Math.min(told ?? grown, patience.longestWaitSeconds));
    }
  }
}

/** A browser says so of a gateway whose own page of an error no other may read. */
const SEEMS: readonly ErrorCode[] = ['cors-refused', 'mixed-content'];

/** A server that was read before allows it. */
const passes = (failure: unknown, { outage }: Line): boolean =>
  failure instanceof PassingRefusal ||
  (outage !== undefined && failure instanceof AppError && SEEMS.includes(failure.code));

/**
 * Waits for the answer to a request that makes a job. Such a request is neither repeated nor cut: where the wish is taken
 * back while the answer is on its way, `undo` gets the job as soon as it is known.
 */
export function orUndo<T>(
  { server, signal }: Line,
  ask: () => Promise<T>,
  undo: (late: T) => Promise<void>,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(stopped(server));
  const asked = ask();
  return new Promise((resolve, reject) => {
    const leave = () => {
      reject(stopped(server));
      asked.then(undo).catch(() => undefined);
    };
    signal?.addEventListener('abort', leave, { once: true });
    // First of all: whoever gets the job takes it back himself from then on.
    asked.finally(() => signal?.removeEventListener('abort', leave)).then(resolve, reject);
  });
}

/** Throws cancelled as soon as the signal says so. */
export function pause({ server, signal }: Line, seconds: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      if (signal?.aborted) reject(stopped(server));
      else resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}

interface Answer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

async function ask(line: Line, question: Question, limits: Limits): Promise<Answer> {
  const { server, patience, signal } = line;
  const { what } = question;
  if (signal?.aborted) throw stopped(server);
  const ending = new AbortController();
  let ranOut: string | null = null;
  const timeOut = (seconds: number, text: string) =>
    setTimeout(() => {
      ranOut = text;
      ending.abort();
    }, seconds * 1000);
  const end = () => ending.abort();
  signal?.addEventListener('abort', end, { once: true });
  let received = 0;
  const whole = timeOut(limits.seconds, `was not complete after ${limits.seconds} s, the limit for it`);
  let stall = timeOut(patience.stallSeconds, `did not begin within ${patience.stallSeconds} s`);
  const explain = async (cause: unknown): Promise<AppError> => {
    if (signal?.aborted) return stopped(server);
    if (cause instanceof AppError) return cause;
    const host = hostOf(server);
    if (ranOut)
      return new PassingRefusal(
        'timed-out',
        `${what} from ${host} ${ranOut}; ${received} bytes had come. The server hangs or is very busy: try again, or restart it.`,
        null,
        { cause },
      );
    if (received === 0) return unreachable(server, cause);
    return new PassingRefusal(
      'network-failed',
      `The connection to ${host} broke after ${received} bytes of: ${what}. Try again.`,
      null,
      { cause },
    );
  };

  try {
    const response = await fetch(server.url + question.path, request(server, question, ending.signal));
    const bytes = await read(response, response.ok ? limits.bytes : REFUSAL_BYTES);
    if (response.status === 404 && question.gone) throw new AppError('job-failed', question.gone);
    if (!response.ok) throw refusal(server, response, what, tellable(line, new TextDecoder().decode(bytes)));
    return { bytes, type: response.headers.get('content-type') ?? '' };
  } catch (cause) {
    throw await explain(cause);
  } finally {
    clearTimeout(whole);
    clearTimeout(stall);
    signal?.removeEventListener('abort', end);
    ending.abort();
  }

  /** Of a refusal, what fits. */
  async function read(response: Response, most: number): Promise<Uint8Array<ArrayBuffer>> {
    const told = Number(response.headers.get('content-length') ?? 0);
    if (response.ok && told > most) throw tooLarge(told);
    let kept = new Uint8Array(FIRST_BYTES);
    const reader = response.body?.getReader();
    while (reader) {
      clearTimeout(stall);
      stall = timeOut(patience.stallSeconds, `stopped: nothing came for ${patience.stallSeconds} s`);
      const { done, value } = await reader.read();
      if (done) break;
      const before = received;
      received += value.length;
      if (response.ok && received > most) throw tooLarge(received);
      // Not one by one: a server that sends a byte at a time would have each take a hundred.
      if (received > kept.length) kept = grown(kept, Math.max(received, 2 * kept.length));
      kept.set(value, before);
      if (received > most) break;
    }
    return kept.subarray(0, received);
  }

  function tooLarge(bytes: number): AppError {
    return new AppError(
      'file-invalid',
      `${what} from ${hostOf(server)} has ${mebibytes(bytes)} or more; this page takes ${mebibytes(limits.bytes)}. This is not what such a server sends.`,
    );
  }
}

function request({ token }: Addressee, { method = 'GET', form, json }: Question, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = {};
  // A request without either needs no preflight.
  if (token) headers.authorization = `Bearer ${token}`;
  if (json !== undefined) headers['content-type'] = 'application/json';
  const body = form ?? (json === undefined ? null : JSON.stringify(json));
  return {
    ...{ method, headers, body, signal },
    ...{ credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
  };
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}
