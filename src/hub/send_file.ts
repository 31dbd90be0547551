/** Bytes of a file over HTTP: ranges, conditions of the cross-origin rules, and the faults asked for. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults';
import type { HubFile } from './hub_file';

const CHUNK_BYTES = 256 * 1024;

export interface Sending {
  readonly etag: string;
  /** Headers a page may see beside the few that are always visible. */
  readonly exposed: string;
  readonly sent: (begin: number, end: number) => void;
}

/** What a fault does to any answer, before its body. True if it was the whole answer. */
export function failEarly(response: ServerResponse, fault: Partial<Fault>): boolean {
  if (!fault.noCors) response.setHeader('access-control-allow-origin', '*');
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (fault.refuse) response.destroy();
  else if (fault.status !== undefined) {
    const exposed = ['retry-after', 'ratelimit', 'x-error-code', 'x-error-message', 'content-range'].join(', ');
    if (!fault.noCors) response.setHeader('access-control-expose-headers', exposed);
    response.writeHead(fault.status).end();
  } else return false;
  return true;
}

export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: HubFile,
  fault: Partial<Fault>,
  { etag, exposed, sent }: Sending,
): Promise<void> {
  if (failEarly(response, fault)) return;
  if (!fault.noCors && !fault.hideRange) response.setHeader('access-control-expose-headers', exposed);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('etag', fault.etag ?? etag);

  const asked = fault.whole ? null : rangeOf(request.headers.range, file.bytes);
  const total = fault.totalBytes ?? file.bytes;
  if (asked === 'none') {
    response.writeHead(416, { 'content-range': `bytes */${total}` }).end();
    return;
  }
  const shift = asked ? (fault.shiftBytes ?? 0) : 0;
  const begin = (asked?.begin ?? 0) + shift;
  const end = Math.min((asked?.end ?? file.bytes) + shift + (fault.extraBytes ?? 0), file.bytes);
  // A client in Node sees every header; what a page may not see is left out for both.
  if (asked && !fault.hideRange) response.setHeader('content-range', `bytes ${begin}-${end - 1}/${total}`);
  if (!fault.hideLength && fault.endAfterBytes === undefined) response.setHeader('content-length', end - begin);
  response.writeHead(asked ? 206 : 200);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await sendBody(response, file, begin, end, fault, sent);
}

async function sendBody(
  response: ServerResponse,
  file: HubFile,
  begin: number,
  end: number,
  fault: Partial<Fault>,
  sent: (begin: number, end: number) => void,
): Promise<void> {
  response.flushHeaders();
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const { stallAfterBytes, cutAfterBytes, endAfterBytes, bytesPerSecond } = fault;
  const stop = Math.min(end, begin + Math.min(stallAfterBytes ?? end, cutAfterBytes ?? end, endAfterBytes ?? end));
  // Slow is even, not in bursts: a tenth of a second's worth at a time.
  const step = bytesPerSecond ? Math.max(1, Math.min(CHUNK_BYTES, Math.floor(bytesPerSecond / 10))) : CHUNK_BYTES;
  try {
    for (let at = begin; at < stop && !response.closed; at += step) {
      const last = Math.min(at + step, stop);
      const bytes = spoil(await file.read(at, last), at, fault.wrongBytes);
      const room = response.write(bytes);
      sent(at, last);
      if (bytesPerSecond) await sleep((1000 * (last - at)) / bytesPerSecond, undefined, { signal: closed.signal });
      else if (!room) await once(response, 'drain', { signal: closed.signal });
    }
  } catch (failure) {
    if (!closed.signal.aborted) throw failure;
    return; // the client has gone
  }
  if (stop < end && stallAfterBytes !== undefined) return; // until the client gives up
  // Not destroyed: what was written still goes out.
  if (stop < end && cutAfterBytes !== undefined) response.socket?.end();
  else response.end();
}

/** A copy with the bytes of `wrong` inverted: the file keeps its own. */
function spoil(bytes: Uint8Array<ArrayBuffer>, at: number, wrong: Fault['wrongBytes']): Uint8Array<ArrayBuffer> {
  const [begin, end] = wrong ?? [0, 0];
  if (begin >= at + bytes.length || end <= at) return bytes;
  return bytes.map((byte, i) => (at + i >= begin && at + i < end ? 255 - byte : byte));
}

/** One range as RFC 9110 §14.1.2 writes it; null where none is asked, or several; 'none' where the file has no such. */
function rangeOf(header: string | undefined, bytes: number): { begin: number; end: number } | 'none' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (!match[1] && !match[2])) return null;
  const [, first, last] = match;
  const begin = first ? Number(first) : Math.max(0, bytes - Number(last));
  const end = first && last ? Math.min(bytes, Number(last) + 1) : bytes;
  return begin < end ? { begin, end } : 'none';
}
