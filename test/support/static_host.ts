/** A static host on this machine: the built app below a path, with the headers of its `_headers` file or with none. */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname } from 'node:path';

const APP = new URL('../../dist/app/', import.meta.url);

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
};

export interface StaticHost {
  /** Of the page; ends with a slash. */
  readonly url: string;
  /** Paths below the page's, in the order they were asked for. */
  readonly asked: string[];
  /** Who sent them, where they said so. */
  readonly referrers: string[];
  /** What stands in place of the built file from now on. */
  readonly replaced: Map<string, string>;
  /** False: a host such as GitHub Pages, where headers cannot be set. */
  sendsHeaders: boolean;
  /** 'failing': with status 503. 'silent': it takes every request and answers none. */
  state: 'up' | 'failing' | 'silent';
  /** From then on nobody answers at the address. May be called again. */
  close(): Promise<void>;
}

export async function startStaticHost(path: string, { sendsHeaders = true } = {}): Promise<StaticHost> {
  const rules = readHeaders(await readFile(new URL('_headers', APP), 'utf8'));
  const asked: string[] = [];
  const referrers: string[] = [];
  const replaced = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url!, 'http://host');
    const file = pathname.slice(path.length) || 'index.html';
    asked.push(file);
    if (request.headers.referer) referrers.push(request.headers.referer);
    if (host.state === 'silent') return;
    if (host.state === 'failing') return void response.writeHead(503).end('Come back later.');
    const body = replaced.get(file) ?? (await readFile(new URL(file, APP)).catch(() => null));
    if (!pathname.startsWith(path) || body === null) return void response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? 'application/octet-stream';
    response.setHeader('content-type', type);
    for (const { below, name, value } of rules)
      if (host.sendsHeaders && `/${file}`.startsWith(below)) response.setHeader(name, value);
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const host: StaticHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`,
    asked,
    referrers,
    replaced,
    sendsHeaders,
    state: 'up',
    close() {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
  return host;
}

/** The lines of Netlify's and Cloudflare's format that we use: a path that ends with `*`, and headers under it. */
function readHeaders(text: string): { below: string; name: string; value: string }[] {
  let below = '';
  return text.split('\n').flatMap((line) => {
    const header = /^ {2}([\w-]+): (.+)$/.exec(line);
    if (header) return { below, name: header[1]!, value: header[2]! };
    if (line && !/^\/\S*\*$/.test(line)) throw new Error(`No host knows this line of _headers: ${line}`);
    below = line.slice(0, -1);
    return [];
  });
}
