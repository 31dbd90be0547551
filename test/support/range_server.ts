/** A local server of files made of `pattern`, by ranges, to pages of any origin. It counts every byte it sends. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pattern } from './pattern';

const PIECE_BYTES = 64 * 1024;

export class ServedFile {
  /** How often each piece was sent. */
  private readonly sent: Uint8Array;
  private readonly sizes: Uint32Array;
  /** Ranges as they were asked for, in order. */
  readonly asked: (readonly [number, number])[] = [];
  /** Sent instead of what belongs there. */
  wrongByteAt: number | null = null;
  etag: string | null = null;
  sentBytes = 0;
  resentBytes = 0;

  constructor(
    readonly address: string,
    readonly bytes: number,
  ) {
    this.sent = new Uint8Array(Math.ceil(bytes / PIECE_BYTES));
    this.sizes = new Uint32Array(this.sent.length);
  }

  get sha256(): string {
    const hash = createHash('sha256');
    for (let at = 0; at < this.bytes; at += 2 ** 20) hash.update(pattern(at, Math.min(at + 2 ** 20, this.bytes)));
    return hash.digest('hex');
  }

  /** Different bytes that were sent. */
  get uniqueBytes(): number {
    return this.sizes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Pieces begin at multiples of PIECE_BYTES wherever the requests do. */
  count(begin: number, end: number): void {
    const piece = Math.floor(begin / PIECE_BYTES);
    this.sentBytes += end - begin;
    if (this.sent[piece]!++ > 0) this.resentBytes += end - begin;
    this.sizes[piece] = Math.max(this.sizes[piece]!, end - begin);
  }
}

export interface RangeServer {
  readonly files: ReadonlyMap<string, ServedFile>;
  /** Of all answers together; Infinity at first. */
  bytesPerSecond: number;
  close(): Promise<void>;
}

export async function startRangeServer(sizes: Record<string, number>): Promise<RangeServer> {
  const files = new Map<string, ServedFile>();
  const http = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  for (const [name, bytes] of Object.entries(sizes))
    files.set(name, new ServedFile(`http://127.0.0.1:${port}/${name}`, bytes));

  const server: RangeServer = {
    files,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  let freeAtMs = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'content-range, etag');
    const file = files.get(request.url!.slice(1));
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (!file || !range) return void response.writeHead(file ? 200 : 404).end();
    const [begin, end] = [Number(range[1]), Math.min(Number(range[2]) + 1, file.bytes)];
    if (file.etag) response.setHeader('etag', file.etag);
    response.writeHead(206, {
      'content-range': `bytes ${begin}-${end - 1}/${file.bytes}`,
      'content-length': end - begin,
    });
    // The one-byte question for the size is no part of a download.
    if (end - begin === 1) return void response.end(pattern(begin, end));
    file.asked.push([begin, end]);
    for (let at = begin; at < end && !response.destroyed; ) {
      const until = Math.min(at - (at % PIECE_BYTES) + PIECE_BYTES, end);
      const bytes = pattern(at, until);
      const { wrongByteAt } = file;
      if (wrongByteAt !== null && wrongByteAt >= at && wrongByteAt < until) bytes[wrongByteAt - at]! ^= 1;
      freeAtMs = Math.max(freeAtMs, performance.now()) + ((until - at) / server.bytesPerSecond) * 1000;
      const waitMs = freeAtMs - performance.now();
      if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (response.destroyed) return;
      file.count(at, until);
      if (!response.write(bytes)) await drained(response);
      at = until;
    }
    response.end();
  }

  return server;
}

/** Resolves too when the other side is gone; `events.once` would leave a listener behind then. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}
