/**
 * The synthetic hub: a server on this machine that speaks as Hugging Face does
 * (and, under /models and /api/v1, as ModelScope does), for checkpoints that it
 * makes as they are asked for. Files are sent from a second origin, as the real
 * hub's are: by an address that is signed and expires.
 *
 *     /api/models/{repo}/revision/{rev} · /api/models/{repo}/tree/{rev}?recursive=1
 *     /{repo}/resolve/{rev}/{path}  → 302 → the other origin's /cdn/…
 *     /faults · /counts · /expire   → what tests set, read and force
 *
 * It may serve a person's own files, so pages from elsewhere, which a browser on this machine may show, get nothing.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../core/errors';
import { createCounter, type HubCounts } from './counts';
import { createFaults, type FaultInput, type Place, parseFaults } from './faults';
import type { HubFile } from './hub_file';
import { sha256Of } from './identity';
import { huggingFaceTree, modelScopeFiles } from './listings';
import { findRepositories, type Repository } from './repositories';
import { failEarly, sendFile } from './send_file';
import { isFromHere } from './visitors';

export interface HubOptions {
  /** 0: any that is free. */
  readonly port?: number;
  readonly faults?: readonly FaultInput[];
  /** Beside the synthetic ones. */
  readonly repositories?: readonly Repository[];
  /** How long a signed address works. */
  readonly signedSeconds?: number;
  /** Files up to this size are listed with their sha256, which means to make all their bytes once. */
  readonly hashBytes?: number;
  /** Entries on one page of a list. */
  readonly pageEntries?: number;
}

export interface Hub {
  /** Without a slash at the end. */
  readonly url: string;
  /** The other origin. */
  readonly filesUrl: string;
  counts(): HubCounts;
  resetCounts(): void;
  setFaults(faults: readonly FaultInput[]): void;
  /** All signed addresses given out so far stop working. */
  expire(): void;
  close(): Promise<void>;
}

const HUB_EXPOSES =
  'X-Repo-Commit, X-Request-Id, X-Error-Code, X-Error-Message, X-Total-Count, ETag, Link, Accept-Ranges, Content-Range';
const CDN_EXPOSES = 'Accept-Ranges, Content-Range, Content-Type, Content-Disposition, ETag, X-Cache';

export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const { port = 0, signedSeconds = 3600, hashBytes = 4e9, pageEntries = 1000 } = options;
  const find = findRepositories(options.repositories);
  const faults = createFaults(options.faults);
  const counter = createCounter();
  let key = randomBytes(32);

  const hub = await listen(answer, port);
  const cdn = await listen(answer, 0);
  const hubUrl = originOf(hub);

  return {
    url: hubUrl,
    filesUrl: originOf(cdn),
    counts: counter.counts,
    resetCounts: counter.reset,
    setFaults: faults.set,
    expire,
    async close() {
      for (const server of [hub, cdn]) server.closeAllConnections();
      await Promise.all([hub, cdn].map((server) => new Promise((done) => server.close(done))));
    },
  };

  function expire(): void {
    key = randomBytes(32);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, 'http://hub');
    const path = decodeURIComponent(url.pathname);
    if (!isFromHere(request.headers, path)) {
      response.writeHead(403).end();
      return;
    }
    if (request.method === 'OPTIONS') {
      counter.preflight();
      return preflight(response);
    }
    if (/^\/(faults|counts|expire)$/.test(path)) return control(request, response, path);
    const cdnFile = /^\/cdn\/([^/]+\/[^/]+)\/(.+)$/.exec(path);
    if (cdnFile) return sendSigned(request, response, url, cdnFile[1]!, cdnFile[2]!);
    const api = /^\/api\/(v1\/)?models\/([^/]+\/[^/]+)(?:\/(.+))?$/.exec(path);
    const at: Place = api ? 'api' : 'resolve';
    if (api) counter.api();
    const fault = faults.of({ at, path, method: request.method! }, url.searchParams.get('fault'));
    if (failEarly(response, fault)) return;
    response.setHeader('access-control-expose-headers', HUB_EXPOSES);

    const scoped = /^\/models\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const file = scoped ?? /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const name = api?.[2] ?? file?.[1];
    const repository = name ? find(name) : undefined;
    // As the real hub: whoever does not say who they are is not told whether a private repository exists.
    if (!repository) return refuse(response, 401, 'RepoNotFound', `There is no repository ${name}, or it is private.`);
    const refusal = admission(repository, request.headers.authorization);
    if (refusal) return refuse(response, ...refusal);
    const revision = file?.[2] ?? /^(?:revision|tree)\/([^/]+)/.exec(api?.[3] ?? '')?.[1] ?? 'main';
    if (![repository.commit, 'main', 'master'].includes(revision))
      return refuse(response, 404, 'RevisionNotFound', `${name} has no revision ${revision}.`);

    if (api) return list(response, url, repository, Boolean(api[1]), api[3] ?? '');
    const found = repository.files.get(file![3]!);
    if (!found) return refuse(response, 404, 'EntryNotFound', `${name} has no file ${file![3]}.`);
    if (scoped || !isLarge(found)) return send(request, response, repository, found, scoped ? '' : HUB_EXPOSES, fault);
    counter.redirect(`${name}/${found.path}`);
    response.setHeader('x-repo-commit', repository.commit);
    response.setHeader('x-linked-size', found.bytes);
    response.writeHead(302, { location: signedAddress(repository, found, url.searchParams.get('fault')) }).end();
  }

  function admission({ token }: Repository, given: string | undefined): [number, string, string] | undefined {
    if (!token || given === `Bearer ${token}`) return undefined;
    if (!given) return [401, 'GatedRepo', 'Access to this repository is restricted. Say who you are.'];
    return [403, 'GatedRepo', 'Access to this repository was not granted to this token.'];
  }

  async function list(response: ServerResponse, url: URL, repository: Repository, modelScope: boolean, what: string) {
    const hash = (file: HubFile) =>
      isLarge(file) && file.bytes <= hashBytes ? sha256Of(file) : Promise.resolve(undefined);
    if (modelScope) return sendJson(response, await modelScopeFiles(repository, hash));
    if (!what.startsWith('tree/'))
      return sendJson(response, { id: repository.name, sha: repository.commit, private: false });
    const folder = what.split('/').slice(2).join('/');
    const entries = huggingFaceTree(repository, folder, url.searchParams.has('recursive'));
    const begin = Number(url.searchParams.get('cursor') ?? 0);
    const limit = Number(url.searchParams.get('limit') ?? pageEntries);
    if (begin + limit < entries.length) {
      url.searchParams.set('cursor', String(begin + limit));
      response.setHeader('link', `<${hubUrl}${url.pathname}${url.search}>; rel="next"`);
    }
    return sendJson(
      response,
      await Promise.all(entries.slice(begin, begin + limit).map((entry) => entry(isLarge, hash))),
    );
  }

  function signedAddress({ name }: Repository, { path }: HubFile, fault: string | null): string {
    const expires = String(Date.now() + signedSeconds * 1000);
    const query = new URLSearchParams({ expires, signature: sign(`${name}/${path}`, expires) });
    if (fault) query.set('fault', fault);
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return `${originOf(cdn)}/cdn/${name}/${encoded}?${query}`;
  }

  function sign(path: string, expires: string): string {
    return createHmac('sha256', key).update(`${path} ${expires}`).digest('hex');
  }

  function sendSigned(request: IncomingMessage, response: ServerResponse, url: URL, name: string, path: string) {
    const [expires, signature] = ['expires', 'signature'].map((field) => url.searchParams.get(field) ?? '');
    const repository = find(name);
    const file = repository?.files.get(path);
    // Storage hosts take one proof, not two: a token sent on to them is a mistake of the client.
    if (request.headers.authorization)
      return refuse(response, 400, 'InvalidArgument', 'Only one way to sign is allowed.');
    if (!repository || !file || signature !== sign(`${name}/${path}`, expires!) || Number(expires) < Date.now())
      return refuse(response, 403, 'AccessDenied', 'Request has expired.');
    const fault = faults.of({ at: 'cdn', path: url.pathname, method: request.method! }, url.searchParams.get('fault'));
    response.setHeader('x-cache', 'Miss from synthetic hub');
    return send(request, response, repository, file, CDN_EXPOSES, fault);
  }

  async function send(
    request: IncomingMessage,
    response: ServerResponse,
    { name, commit }: Repository,
    file: HubFile,
    exposed: string,
    fault: ReturnType<typeof faults.of>,
  ): Promise<void> {
    const label = `${name}/${file.path}`;
    if (request.method !== 'HEAD') counter.request(label);
    // The real one is the sha256; here it must not cost all the bytes.
    const etag = `"${createHash('sha256').update(`${label} ${commit}`).digest('hex')}"`;
    await sendFile(request, response, file, fault, {
      etag,
      exposed,
      sent: (begin, end) => counter.sent(label, file, begin, end),
    });
  }

  async function control(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    const { method } = request;
    if (path === '/expire' && method === 'POST') expire();
    else if (path === '/counts' && method === 'GET') return sendJson(response, counter.counts());
    else if (path === '/counts' && method === 'DELETE') counter.reset();
    else if (path === '/faults' && method === 'DELETE') faults.set([]);
    else if (path === '/faults' && method === 'POST') {
      try {
        faults.set(parseFaults(await bodyOf(request)));
      } catch (failure) {
        if (!(failure instanceof AppError)) throw failure;
        response.writeHead(400, { 'content-type': 'text/plain' }).end(failure.message);
        return;
      }
    } else response.statusCode = 405;
    response.writeHead(response.statusCode === 405 ? 405 : 204).end();
  }
}

/** Kept in Git itself, and sent without a redirect, are the small ones. */
const isLarge = ({ path }: HubFile) => /\.(safetensors|gguf|pth|model|bin)$/.test(path);

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => unknown, port: number) {
  const server = createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch (failure) {
      console.error(failure);
      // What came now would be taken for the file's own bytes.
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(failure));
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening').catch((cause) => {
    throw new AppError('input-invalid', `Port ${port} cannot be used (${cause.code}). Choose another, or 0 for any.`);
  });
  return server;
}

const originOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function preflight(response: ServerResponse): void {
  response
    .writeHead(204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE, OPTIONS',
      'access-control-allow-headers': 'Authorization, Range, Content-Type',
      'access-control-max-age': '86400',
    })
    .end();
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  const said = { 'x-error-code': code, 'x-error-message': message };
  response.writeHead(status, { 'access-control-allow-origin': '*', ...said }).end();
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(value));
}

/** Of faults: a list of all kinds has a thousand characters. */
const MOST_BODY = 64 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MOST_BODY)
      throw new AppError('input-invalid', `Faults have at most ${MOST_BODY} characters; ${text.length} have come.`);
  }
  return text;
}
