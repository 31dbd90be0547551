/**
 * Requests over a network that fails: what passes is tried again with growing
 * pauses, a wait that a server asks for is waited, silence counts as a cut. Plain
 * fetch, so that browsers and Node are alike.
 */
import { AppError } from '../core/errors';
import { throwIfCancelled } from './byte_source';
import { givenUp, PassingFailure, refusal, unreachable } from './http_failures';
import { createHosts, type Hosts, type Place } from './http_hosts';

/** Tests shorten them. */
export interface HttpTiming {
  /** In a row and without a byte arriving in between, before a request is given up. */
  readonly attempts: number;
  /** The same for a host that has not answered yet: its name may be wrong, and a person is waiting. */
  readonly firstAttempts: number;
  readonly firstPauseSeconds: number;
  readonly longestPauseSeconds: number;
  /** After a 429 that does not say how long, or not to a page; twice that after the next. Windows last minutes. */
  readonly firstRateLimitPauseSeconds: number;
  /** So long without a byte is a cut: a healthy connection that is slow still brings some. */
  readonly stallSeconds: number;
  /** For a whole page of a list, which fits two megabytes: one that drips would never end. */
  readonly pageSeconds: number;
  /** What a server may ask to wait. The hubs count requests in windows of five minutes. */
  readonly longestWaitSeconds: number;
  /** Throughput is compared between windows of this length. */
  readonly windowSeconds: number;
}

const TIMING: HttpTiming = {
  attempts: 6,
  firstAttempts: 2,
  firstPauseSeconds: 0.5,
  longestPauseSeconds: 20,
  firstRateLimitPauseSeconds: 10,
  stallSeconds: 30,
  pageSeconds: 120,
  longestWaitSeconds: 900,
  windowSeconds: 2,
};

/** A pause before the next attempt, told when it begins. */
export interface HttpWait {
  readonly address: string;
  readonly why: PassingFailure['why'];
  readonly message: string;
  readonly seconds: number;
}

/** What went over the network; redirects, which fetch follows by itself, are not counted. */
export interface HttpCounts {
  requests: number;
  bytesReceived: number;
}

export interface HttpClient {
  readonly timing: HttpTiming;
  readonly hosts: Hosts;
  readonly counts: HttpCounts;
  /** Hosts that have answered before. */
  readonly answered: Set<string>;
  onWait?: ((wait: HttpWait) => void) | undefined;
}

/** All sources of a client share its hosts' places and its bound on bytes in flight. One for the whole program is right. */
export function httpClient({
  timing,
  onWait,
}: {
  readonly timing?: Partial<HttpTiming>;
  readonly onWait?: (wait: HttpWait) => void;
} = {}): HttpClient {
  const all = { ...TIMING, ...timing };
  return {
    timing: all,
    hosts: createHosts(all),
    counts: { requests: 0, bytesReceived: 0 },
    answered: new Set(),
    onWait,
  };
}

export const HTTP = httpClient();

export interface Ask {
  readonly address: string;
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the answer, as far as its reader keeps them: they count as in flight. */
  readonly bytes?: number;
}

export interface Answer {
  readonly response: Response;
  /** The body as it arrives. */
  body(): AsyncGenerator<Uint8Array<ArrayBuffer>>;
}

export interface Conversation {
  /** For messages; and the server that must answer. */
  readonly address: string;
  readonly signal?: AbortSignal | undefined;
  readonly counts?: HttpCounts;
  /** Made anew for each attempt: what arrived is not asked for again. */
  ask(): Ask;
  /** True if the request is to be made again at once, elsewhere. */
  again?(status: number, ask: Ask): boolean;
  /** No answer came, or none that a page may read: the next attempt may ask elsewhere. */
  unanswered?(ask: Ask): void;
}

/**
 * What `use` makes of the answer, over as many requests as it takes: when one fails `use` gets the next answer, and
 * each value it yields proves progress. Throws cancelled, network-failed, rate-limited, access-denied,
 * weights-missing, or what `use` throws.
 */
export async function* converse<T>(
  client: HttpClient,
  conversation: Conversation,
  use: (answer: Answer) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const { address, signal } = conversation;
  let attempts = 0;
  for (;;) {
    throwIfCancelled(signal, address);
    const ask = conversation.ask();
    const host = new URL(ask.address).host;
    let place: Place | undefined;
    let exchange: Exchange | undefined;
    let failure: PassingFailure;
    try {
      place = await client.hosts.enter(host, ask.bytes ?? 0, signal);
      exchange = await openExchange(client, ask, conversation, place);
      const { response } = exchange;
      for (const { host: either } of [ask.address, response.url || ask.address].map((at) => new URL(at)))
        client.answered.add(either); // where it redirected, too
      // 416 is also the answer to a range of an empty file: whoever asks for one knows what it means.
      if (!response.ok && response.status !== 416) {
        if (conversation.again?.(response.status, ask)) continue;
        throw refusal(response, address);
      }
      for await (const value of use(exchange)) {
        attempts = 0;
        yield value;
      }
      return;
    } catch (thrown) {
      throwIfCancelled(signal, address);
      if (!(thrown instanceof PassingFailure)) throw thrown;
      place?.failed();
      if (!exchange) conversation.unanswered?.(ask);
      failure = thrown;
    } finally {
      exchange?.close();
      place?.leave();
    }
    attempts += 1;
    await pause(client, conversation, host, failure, attempts);
  }
}

/** `converse` for an answer used as a whole. */
export async function request<T>(
  client: HttpClient,
  conversation: Conversation,
  use: (answer: Answer) => Promise<T> | T,
): Promise<T> {
  for await (const result of converse(client, conversation, async function* (answer) {
    yield await use(answer);
  }))
    return result;
  throw new AppError('network-failed', `${conversation.address} gave no answer.`);
}

async function pause(
  client: HttpClient,
  { address, signal }: Conversation,
  host: string,
  failure: PassingFailure,
  attempts: number,
): Promise<void> {
  const { timing } = client;
  const told = failure.waitSeconds;
  const most = client.answered.has(host) ? timing.attempts : timing.firstAttempts;
  if (attempts >= most || (told ?? 0) > timing.longestWaitSeconds) throw givenUp(failure, address, attempts);
  const [first, longest] =
    failure.why === 'rate-limited'
      ? [timing.firstRateLimitPauseSeconds, timing.longestWaitSeconds]
      : [timing.firstPauseSeconds, timing.longestPauseSeconds];
  // Half of it by chance: clients cut off together must not come back together.
  const seconds = told ?? Math.min(longest, first * 2 ** (attempts - 1)) * (0.5 + Math.random() / 2);
  if (told !== undefined || failure.why === 'rate-limited') client.hosts.pause(host, seconds);
  client.onWait?.({ address, why: failure.why, message: failure.message, seconds });
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    signal?.addEventListener('abort', done, { once: true });
  });
}

interface Exchange extends Answer {
  /** Ends the request where it still runs. */
  close(): void;
}

/** Node's fetch may leave a read pending that is aborted just after its last chunk. */
function unlessAborted<T>(coming: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    coming.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** Throws PassingFailure where no answer comes; its body throws one where it breaks or nothing comes for too long. */
async function openExchange(
  client: HttpClient,
  { address, method = 'GET', headers = {} }: Ask,
  { signal, counts }: Conversation,
  place: Place,
): Promise<Exchange> {
  const { timing } = client;
  const counting = counts ? [client.counts, counts] : [client.counts];
  const ending = new AbortController();
  const end = () => ending.abort();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stalled = false;
  const close = () => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', end);
    end();
  };
  /** Waits for the network, and no longer than a stall. */
  const arrival = async <T>(coming: Promise<T>): Promise<T> => {
    timer = setTimeout(() => {
      stalled = true;
      end();
    }, timing.stallSeconds * 1000);
    try {
      return await unlessAborted(coming, ending.signal);
    } catch (cause) {
      const silence = `nothing has come from ${new URL(address).host} for ${timing.stallSeconds} s`;
      throw stalled ? new PassingFailure(silence, 'stalled', undefined, { cause }) : cause;
    } finally {
      clearTimeout(timer);
    }
  };

  for (const count of counting) count.requests += 1;
  signal?.addEventListener('abort', end, { once: true });
  const init: RequestInit = {
    ...{ method, headers, signal: ending.signal },
    // No preflight, nothing told about the page or the user, no second copy in the browser's own cache.
    ...{ mode: 'cors', credentials: 'omit', referrerPolicy: 'no-referrer', cache: 'no-store' },
  };
  const response = await arrival(fetch(address, init)).catch((cause) => {
    close();
    throw cause instanceof PassingFailure ? cause : unreachable(address, cause);
  });

  return {
    response,
    close,
    async *body() {
      const reader = response.body?.getReader();
      if (!reader) return;
      for (;;) {
        const { done, value } = await arrival(reader.read()).catch((cause) => {
          if (cause instanceof PassingFailure) throw cause;
          throw new PassingFailure(`the connection to ${new URL(address).host} broke`, 'failed', undefined, { cause });
        });
        if (done) return;
        for (const count of counting) count.bytesReceived += value.length;
        place.received(value.length);
        yield value;
      }
    },
  };
}
