/** What a server's refusal, or its silence, means: each failure says what happened, with both numbers, and what to do. */
import { AppError, type ErrorCode, excerpt } from '../core/errors';
import { isDeeper } from '../core/nesting';
import { toldWait } from '../core/told_wait';
import { type Addressee, hostOf, nameOf, SERVER_KINDS, SERVER_NAMES, type ServerKind } from './server';

/** The same request may succeed when it is made again. */
export class PassingRefusal extends AppError {
  constructor(
    code: ErrorCode,
    message: string,
    /** The server said how long to wait. */
    readonly waitSeconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** How each is told to answer a page of another origin. */
const ALLOW: Readonly<Record<ServerKind, (origin: string) => string>> = {
  'vllm-omni': (origin) => `start it with --allowed-origins '["${origin}"]' (its default allows every page)`,
  sglang: (origin) =>
    `SGLang has no option for that: put a proxy before it that adds "Access-Control-Allow-Origin: ${origin}"`,
  fastvideo: (origin) =>
    `FastVideo allows every page, so something between here and it does not: let that add "Access-Control-Allow-Origin: ${origin}"`,
  comfyui: (origin) => `start it with --enable-cors-header ${origin}`,
};

const allowText = ({ kind }: Addressee, origin: string) =>
  (kind ? [kind] : SERVER_KINDS).map((each) => `If that is ${SERVER_NAMES[each]}, ${ALLOW[each](origin)}.`).join(' ');

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Of an answer whose status is no success; `body` is its beginning. */
export function refusal(server: Addressee, { status, headers }: Response, what: string, body: string): AppError {
  const words = serverWords(body);
  const says = words ? ` It says: ${words}` : '';
  const at = `${what} at ${hostOf(server)}: status ${status}.`;
  const wait = toldWait(headers) ?? null;
  switch (status) {
    case 401:
      return new AppError(
        'access-denied',
        `${at} The server wants to know who asks: ${server.token ? 'it does not accept this token' : 'give its token'}.${says}`,
      );
    case 403:
      return new AppError(
        'access-denied',
        `${at} The server does not allow it. ${
          server.kind === 'comfyui'
            ? 'ComfyUI refuses pages of another address unless it was started with --enable-cors-header.'
            : 'The token, or the address that asks, lacks the right.'
        }${says}`,
      );
    case 404:
      return new AppError(
        'input-invalid',
        `${at} There is no such thing: this is another address or another kind of server than ${nameOf(server)}.${says}`,
      );
    case 405:
      return new AppError(
        'input-invalid',
        `${at} The server does not know this request: its build is too old for video jobs. Update ${nameOf(server)}.${says}`,
      );
    case 400:
    case 413:
    case 422:
      return new AppError('input-invalid', `${at} The server does not accept the settings.${says}`);
    case 429:
      return new PassingRefusal('rate-limited', `${at} The server has too much to do.${waitText(wait)}${says}`, wait);
    case 503:
      return new PassingRefusal(
        'rate-limited',
        `${at} The server is not ready, or full.${waitText(wait)}${says}`,
        wait,
      );
    default:
      return PASSING.has(status)
        ? new PassingRefusal('job-failed', `${at} The server failed.${says}`, wait)
        : new AppError('job-failed', `${at} That is no answer this page can use.${says}`);
  }
}

const waitText = (seconds: number | null) =>
  seconds === null ? ' Try again later.' : ` It asks to wait ${Math.ceil(seconds)} s: try again after that.`;

/** Of a refusal; deeper ones are told as they are. */
const MOST_LEVELS = 8;

/** Of which words are looked for: an answer may have eight million, which take more than a second. */
const MOST_REFUSAL_CHARACTERS = 2 ** 20;

/** FastAPI's `detail`, OpenAI's `error.message`, ComfyUI's `error` with `node_errors`; else the text as it is. */
export function serverWords(body: string): string {
  const text = body.trim();
  if (!text || text.startsWith('<')) return '';
  if (text.length > MOST_REFUSAL_CHARACTERS) return excerpt(text);
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return excerpt(text);
  }
  const { error, detail, message } = (isDeeper(said, MOST_LEVELS) ? {} : (said ?? {})) as Record<string, unknown>;
  const nested = error as { message?: unknown; details?: unknown } | undefined;
  const found = nested?.message ?? detail ?? message ?? error ?? text;
  const more = nested?.details ? ` ${wordsOf(nested.details)}` : '';
  return excerpt(wordsOf(found) + more);
}

/** A value of an answer in a message. What an object becomes as a text, it could say itself; so it is written out. */
export const wordsOf = (value: unknown): string =>
  excerpt(typeof value === 'string' ? value : String(JSON.stringify(value)));

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[f[cd])|\.local$/;

/** The page's own address; null in Node, where no rule of browsers applies. */
const pageOrigin = (): string | null => (typeof document === 'object' ? location.origin : null);

/**
 * Why no answer came. A browser tells a page only that a request failed: whether something answers is found out by a
 * second request whose answer no page may read, and the rest is what the two addresses imply.
 */
export async function unreachable(server: Addressee, cause: unknown): Promise<AppError> {
  const origin = pageOrigin();
  const host = hostOf(server);
  if (origin === null) {
    // Node says more than a browser: the reason is the cause of the TypeError.
    const { code, message } = ((cause as Error).cause ?? cause) as { code?: string; message?: string };
    const advice = 'Check that the server runs and that address and port are right.';
    return new PassingRefusal('network-failed', `${host} cannot be reached (${code ?? message}). ${advice}`, null, {
      cause,
    });
  }
  if (navigator.onLine === false && !LOOPBACK.test(new URL(server.url).hostname))
    return new PassingRefusal('network-failed', `This machine is offline, so ${host} cannot be reached.`, null, {
      cause,
    });
  if (await answersSomething(server))
    return new AppError(
      'cors-refused',
      `Something answers at ${host}, but does not let ${origin} read it (CORS). ${allowText(server, origin)}`,
      { cause },
    );
  const { protocol, hostname } = new URL(server.url);
  if (origin.startsWith('https:') && protocol === 'http:' && !LOOPBACK.test(hostname))
    return new AppError(
      'mixed-content',
      `${origin} came over https, and ${server.url} is http on another machine: browsers block that. Give the server https (a tunnel or a proxy), reach it as http://localhost through an SSH tunnel, or open this page over http.${permissionText(hostname)}`,
      { cause },
    );
  return new PassingRefusal(
    'network-failed',
    `${host} cannot be reached: nothing answers there, or its certificate is not trusted. A browser does not say which. Check that the server runs and that address and port are right.${permissionText(hostname)}${await deniedText()}`,
    null,
    { cause },
  );
}

const permissionText = (hostname: string) =>
  PRIVATE.test(hostname)
    ? ' For addresses of the local network Chrome asks for a permission: allow it where the address bar shows it.'
    : '';

async function answersSomething({ url }: Addressee): Promise<boolean> {
  const init: RequestInit = {
    mode: 'no-cors',
    referrerPolicy: 'no-referrer',
    credentials: 'omit',
    cache: 'no-store',
    signal: AbortSignal.timeout(5000),
  };
  return fetch(url, init).then(
    () => true,
    () => false,
  );
}

/** Browsers that know the permission say whether it was refused; the others throw. */
async function deniedText(): Promise<string> {
  for (const name of ['local-network-access', 'local-network', 'loopback-network']) {
    const status = await navigator.permissions.query({ name: name as PermissionName }).catch(() => null);
    if (status?.state === 'denied')
      return ' This page was refused the permission to reach the local network: allow it in the site’s settings.';
  }
  return '';
}

export const stopped = (server: Addressee): AppError =>
  new AppError('cancelled', `The run on ${hostOf(server)} was stopped.`);
