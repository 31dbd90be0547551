/** What the contract servers have in common: an address of their own, pages of which origins may read them, and faults. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** H.264, 96×96, 17 frames at 24 a second: a circle that moves right. */
export const CIRCLE = new Uint8Array(await readFile(new URL('circle.mp4', import.meta.url)));

/** Of one answer, in place of the right one. */
export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  /** A proxy's page, or one to sign in. */
  | 'html'
  | 'not-json'
  /** Says that it is this long, and sends it. */
  | { readonly bytes: number }
  /** Without a length and without an end. */
  | 'endless'
  /** A byte now and then. */
  | 'drip'
  | 'silent'
  | 'cut'
  | 'cut-in-the-middle';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Fixture {
  readonly url: string;
  /** Every request but preflights, in order. */
  readonly asked: Asked[];
  /** The next answers to '{method} {path}' where its beginning matches; each is used once. */
  readonly faults: { readonly at: string; readonly fault: Fault }[];
  cors: boolean;
  /** Before every answer. */
  latencyMs: number;
  /** Whoever asks needs it. */
  token: string | null;
  readonly http: Server;
  close(): Promise<void>;
}

export type Route = (asked: Asked, response: ServerResponse) => unknown;

export async function startFixture(route: Route): Promise<Fixture> {
  const http = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const fixture: Fixture = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    asked: [],
    faults: [],
    cors: true,
    latencyMs: 0,
    token: null,
    http,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse) {
    if (fixture.cors) {
      response.setHeader('access-control-allow-origin', '*');
      response.setHeader('access-control-allow-methods', 'GET, POST, DELETE, OPTIONS');
      response.setHeader('access-control-allow-headers', 'content-type, authorization');
    }
    if (request.method === 'OPTIONS') return response.writeHead(fixture.cors ? 200 : 405).end();
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const asked: Asked = { method: request.method!, path: request.url!, headers: request.headers, body };
    fixture.asked.push(asked);
    if (fixture.latencyMs > 0) await sleep(fixture.latencyMs);
    const at = fixture.faults.findIndex((each) => `${asked.method} ${asked.path}`.startsWith(each.at));
    if (at >= 0) return fail(response, fixture.faults.splice(at, 1)[0]!.fault);
    if (fixture.token && request.headers.authorization !== `Bearer ${fixture.token}`)
      return sendJson(response, { detail: 'Unauthorized' }, 401);
    await route(asked, response);
  }
  return fixture;
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function sendVideo(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': CIRCLE.length }).end(CIRCLE);
}

function fail(response: ServerResponse, fault: Fault) {
  if (typeof fault === 'object') {
    if ('bytes' in fault) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': fault.bytes });
      return response.write('{');
    }
    response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
    return response.end(fault.body ?? '');
  }
  switch (fault) {
    case 'html':
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>');
    case 'not-json':
      return response.writeHead(200).end('pong');
    case 'endless': {
      const more = () => {
        while (!response.destroyed && response.write(' '.repeat(65536)));
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('drain', more);
      return more();
    }
    case 'drip': {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 10);
      return response.on('close', () => clearInterval(timer));
    }
    case 'silent':
      return undefined;
    case 'cut':
      return response.destroy();
    case 'cut-in-the-middle':
      response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': CIRCLE.length });
      return response.write(CIRCLE.subarray(0, 500), () => setTimeout(() => response.destroy(), 5));
    default:
      fault satisfies never;
  }
}
