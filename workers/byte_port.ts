/**
 * Bytes from the loader worker to the engine worker, over a MessagePort of their
 * own: the loader's end answers reads, the engine's end makes sources of them.
 * Buffers are transferred, never copied; errors keep their codes.
 */
import { AppError, type ErrorCode } from '../src/core/errors';
import { type ByteSource, checkRange } from '../src/weights/byte_source';

/** What the engine can read from, as plain data that the page may pass on. */
export type SourceKey =
  | { readonly kind: 'stored'; readonly model: string; readonly file: string }
  | { readonly kind: 'address'; readonly address: string }
  /** A file the user chose; the loader gave it this number. */
  | { readonly kind: 'chosen'; readonly id: number };

type Ask =
  | { readonly type: 'open'; readonly id: number; readonly key: SourceKey }
  | {
      readonly type: 'read';
      readonly id: number;
      readonly source: number;
      readonly begin: number;
      readonly end: number;
    }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'close'; readonly source: number };

type Answer =
  | { readonly id: number; readonly opened: { source: number; name: string; bytes: number } }
  | { readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly id: number; readonly code: ErrorCode | null; readonly message: string };

/** Bytes being read for one engine; further reads wait their turn. A larger one is read alone. */
export const IN_FLIGHT_BYTES = 64 * 2 ** 20;

export interface OpenSource {
  readonly source: ByteSource;
  close(): void;
}

/** The loader's end. Returns what ends it, closing all that was opened over it. */
export function serveSources(
  port: MessagePort,
  open: (key: SourceKey, signal: AbortSignal) => Promise<OpenSource>,
): () => void {
  const sources = new Map<number, OpenSource>();
  const asked = new Map<number, AbortController>();
  const room = roomFor(IN_FLIGHT_BYTES);
  let ended = false;

  async function answer(ask: Ask & { type: 'open' | 'read' }, signal: AbortSignal): Promise<void> {
    if (ask.type === 'open') {
      const opened = await open(ask.key, signal);
      if (ended || signal.aborted) return opened.close();
      sources.set(ask.id, opened);
      const { name, bytes } = opened.source;
      return send({ id: ask.id, opened: { source: ask.id, name, bytes } });
    }
    const opened = sources.get(ask.source);
    if (!opened) throw new AppError('weights-missing', `Source ${ask.source} is closed. Open the weights again.`);
    const give = await room(ask.end - ask.begin);
    try {
      const bytes = await opened.source.read(ask.begin, ask.end, signal);
      if (signal.aborted) return;
      // What a source hands out may be a view into something larger.
      const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
      send({ id: ask.id, buffer: own.buffer }, [own.buffer]);
    } finally {
      give();
    }
  }

  const send = (answer: Answer, transfer: Transferable[] = []) => port.postMessage(answer, transfer);

  port.onmessage = ({ data: ask }: MessageEvent<Ask>) => {
    if (ask.type === 'cancel') return asked.get(ask.id)?.abort();
    if (ask.type === 'close') {
      sources.get(ask.source)?.close();
      return void sources.delete(ask.source);
    }
    const controller = new AbortController();
    asked.set(ask.id, controller);
    answer(ask, controller.signal)
      .catch((failure) => {
        const code = failure instanceof AppError ? failure.code : null;
        send({ id: ask.id, code, message: failure instanceof Error ? failure.message : String(failure) });
      })
      .finally(() => asked.delete(ask.id));
  };

  return () => {
    ended = true;
    for (const controller of asked.values()) controller.abort();
    for (const { close } of sources.values()) close();
    sources.clear();
    port.close();
  };
}

export interface RemoteSource extends ByteSource {
  /** Lets the loader give the file up. */
  close(): void;
}

export interface SourceClient {
  open(key: SourceKey, signal?: AbortSignal): Promise<RemoteSource>;
  /** Ends what is still waited for, and what is asked later, with weights-missing: a loader that is gone answers nothing. */
  close(): void;
}

/**
 * The engine's end. `open` throws what the loader throws: weights-missing,
 * storage-busy, network-failed, … ; reads likewise, and cancelled.
 */
export function connectSources(port: MessagePort): SourceClient {
  const waiting = new Map<number, { resolve(answer: Answer): void; reject(reason: AppError): void }>();
  let lastId = 0;
  let ended: AppError | null = null;

  port.onmessage = ({ data: answer }: MessageEvent<Answer>) => {
    const waiter = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiter) waiter.resolve(answer);
    // The loader had opened it when the stop came: nobody else knows of it.
    else if ('opened' in answer) close(answer.opened.source);
  };

  const close = (source: number) => port.postMessage({ type: 'close', source } satisfies Ask);

  /** One question and its answer; nothing that comes after a cancel is waited for. */
  async function ask<T extends 'opened' | 'buffer'>(
    kind: T,
    question: (id: number) => Ask,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<Extract<Answer, Record<T, unknown>>[T]> {
    const cancelled = () => new AppError('cancelled', `Stopped while reading ${what}.`);
    if (signal?.aborted) throw cancelled();
    if (ended) throw ended;
    const id = ++lastId;
    const cancel = () => {
      port.postMessage({ type: 'cancel', id } satisfies Ask);
      waiting.get(id)?.reject(cancelled());
      waiting.delete(id);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    port.postMessage(question(id));
    try {
      const answer = await new Promise<Answer>((resolve, reject) => waiting.set(id, { resolve, reject }));
      if ('message' in answer)
        throw answer.code ? new AppError(answer.code, answer.message) : new Error(answer.message);
      return (answer as Extract<Answer, Record<T, unknown>>)[kind];
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  return {
    async open(key, signal) {
      const what = key.kind === 'stored' ? key.file : key.kind === 'address' ? key.address : `chosen file ${key.id}`;
      const { source: number, name, bytes } = await ask('opened', (id) => ({ type: 'open', id, key }), what, signal);
      const source: RemoteSource = {
        name,
        bytes,
        async read(begin, end, signal) {
          checkRange(source, begin, end);
          const question = (id: number): Ask => ({ type: 'read', id, source: number, begin, end });
          return new Uint8Array(await ask('buffer', question, name, signal));
        },
        close: () => close(number),
      };
      return source;
    },
    close() {
      ended ??= new AppError(
        'weights-missing',
        `The loader was ended while ${waiting.size} reads were under way. Open the weights again.`,
      );
      for (const { reject } of waiting.values()) reject(ended);
      waiting.clear();
      port.close();
    },
  };
}

/** First come, first served: resolves, when there is room for so many bytes, to what gives the room back. */
function roomFor(limitBytes: number): (bytes: number) => Promise<() => void> {
  let usedBytes = 0;
  const queue: { bytes: number; enter(): void }[] = [];
  const admit = () => {
    while (queue.length > 0 && (usedBytes === 0 || usedBytes + queue[0]!.bytes <= limitBytes)) {
      const { bytes, enter } = queue.shift()!;
      usedBytes += bytes;
      enter();
    }
  };
  return (bytes) =>
    new Promise((resolve) => {
      const leave = () => {
        usedBytes -= bytes;
        admit();
      };
      queue.push({ bytes, enter: () => resolve(leave) });
      admit();
    });
}
