/**
 * What a model hub has in a repository: files with their sizes and checksums, and
 * which of them together are weights that a person can choose.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { nowMs } from '../core/clock';
import { AppError, excerpt } from '../core/errors';
import { fileUrl, HUGGING_FACE, type HubLayout, layoutOf, type RepositoryAddress } from './address';
import { MAX_FILE_BYTES } from './byte_source';
import { HTTP, type HttpClient, request } from './http_client';
import { type HttpOptions, type HttpSource, openHttpSource } from './http_source';

export interface RepositoryFile {
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal; small files have none, and hubs need not tell. */
  readonly sha256?: string;
  /** Where its bytes are; of the commit, so that it stays the same file. */
  readonly url: string;
}

export interface RepositoryListing {
  readonly repo: string;
  /** The commit, where the hub told it; else the revision asked for, which may move. */
  readonly revision: string;
  readonly files: readonly RepositoryFile[];
}

export interface ListOptions {
  readonly repo: string;
  readonly base?: string;
  readonly layout?: HubLayout;
  readonly revision?: string;
  readonly client?: HttpClient;
  readonly signal?: AbortSignal | undefined;
  /** For private and gated repositories. Sent to the hub alone, kept nowhere. */
  readonly token?: string | undefined;
}

/** A page of a thousand files takes a third of a megabyte, or two thirds. */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** More would be a loop of pages, or no repository of weights. */
const MAX_PAGES = 100;
/** An address and a cursor take some hundred; fetch lets through tens of thousands. */
const MAX_LINK_CHARACTERS = 4096;
/** Files and folders. Repositories of weights have some hundred. */
const MAX_ENTRIES = 10_000;

/** Two requests, or more where the list has pages. Throws as `request` does; file-invalid for an answer of another form, timed-out for one that drips. */
export async function listRepository({
  repo,
  base = HUGGING_FACE,
  ...options
}: ListOptions): Promise<RepositoryListing> {
  const layout = options.layout ?? layoutOf(base);
  const { revision = layout === 'modelscope' ? 'master' : 'main' } = options;
  const address = { kind: 'repository', base: base.replace(/\/+$/, ''), layout, repo, revision, path: '' } as const;
  const fetchJson = jsonFetcher(options);
  return layout === 'modelscope' ? listModelScope(address, fetchJson) : listHuggingFace(address, fetchJson);
}

/** A file of a listing. What the list told travels with the source. */
export function openRepositoryFile(
  { url, bytes, sha256 }: RepositoryFile,
  options: HttpOptions = {},
): Promise<HttpSource> {
  return openHttpSource(url, { ...options, bytes, sha256 });
}

interface Page<T> {
  readonly value: T;
  /** Where the list goes on. */
  readonly next: string | undefined;
}
type FetchJson = <T>(url: string, schema: v.GenericSchema<unknown, T>) => Promise<Page<T>>;

function jsonFetcher({ client = HTTP, signal, token }: Omit<ListOptions, 'repo'>): FetchJson {
  return (url, schema) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    return request(client, { address: url, signal, ask: () => ({ address: url, headers }) }, async (answer) => {
      const text = new TextDecoder();
      const { pageSeconds } = client.timing;
      const untilMs = nowMs() + pageSeconds * 1000;
      let json = '';
      // Silence counts as a cut, so this comes to know soon enough.
      for await (const chunk of answer.body()) {
        json += text.decode(chunk, { stream: true });
        if (nowMs() > untilMs)
          throw new AppError(
            'timed-out',
            `${url} was not complete after ${pageSeconds} s, the limit for it; ${json.length} characters had come. The hub hangs or is very busy: try again, or choose a mirror.`,
          );
        if (json.length > MAX_PAGE_BYTES)
          throw new AppError(
            'file-invalid',
            `${url} is not the list of a model hub: more than ${MAX_PAGE_BYTES} bytes.`,
          );
      }
      return { value: read(schema, json, url), next: nextPage(answer.response.headers, url) };
    });
  };
}

function read<T>(schema: v.GenericSchema<unknown, T>, json: string, url: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new AppError(
      'file-invalid',
      `${url} is not the list of a model hub: ${json.length} characters that are not JSON.`,
      {
        cause,
      },
    );
  }
  const parsed = checked(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new AppError(
    'file-invalid',
    `${url} is not the list of a model hub: "${excerpt(v.getDotPath(issue) ?? 'it')}" is ${excerpt(issue.received)}, expected is ${issue.expected ?? issue.message}.`,
  );
}

/** `Link: <…>; rel="next"` (RFC 8288). Another origin is not followed: the token would go there. */
function nextPage(headers: Headers, url: string): string | undefined {
  const links = headers.get('link') ?? '';
  if (links.length > MAX_LINK_CHARACTERS)
    throw new AppError(
      'file-invalid',
      `${url} is not the list of a model hub: its Link header has ${links.length} characters, at most ${MAX_LINK_CHARACTERS} are read.`,
    );
  // Without '<' in an address, nothing is looked at twice.
  const all = [...links.matchAll(/<([^<>]+)>\s*;([^,]*)/g)];
  const link = all.find(([, , parameters]) => /\brel="?next"?/.test(parameters!))?.[1];
  if (!link || !URL.canParse(link, url)) return undefined;
  const next = new URL(link, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

const bytes = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_FILE_BYTES));
const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i), v.toLowerCase());
/** It becomes part of addresses: whole characters, and nothing that leads out of the repository. */
const path = v.pipe(
  v.string(),
  v.maxLength(4096),
  v.check((text) => text.isWellFormed() && !text.split('/').includes('..'), 'a path'),
);
const revisionInfo = v.object({ sha: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,100}$/))) });
const treeEntry = v.object({
  type: v.string(),
  path,
  size: v.optional(bytes, 0),
  lfs: v.nullish(v.object({ oid: sha256, size: bytes })),
});
type TreeEntry = v.InferOutput<typeof treeEntry>;

/** https://huggingface.co/docs/hub/api: `revision` tells the commit, `tree` the files. */
async function listHuggingFace(address: RepositoryAddress, fetchJson: FetchJson): Promise<RepositoryListing> {
  const api = `${address.base}/api/models/${address.repo}`;
  const { value } = await fetchJson(`${api}/revision/${encodeURIComponent(address.revision)}`, revisionInfo);
  const revision = value.sha ?? address.revision;
  const pinned = { ...address, revision };

  const files: RepositoryFile[] = [];
  let seen = 0;
  let page: string | undefined = `${api}/tree/${encodeURIComponent(revision)}?recursive=1`;
  for (let pages = 0; page !== undefined; pages++) {
    if (pages === MAX_PAGES)
      throw new AppError(
        'file-invalid',
        `${api} has more than ${MAX_PAGES} pages of files. Give the address of one file.`,
      );
    const { value: entries, next }: Page<TreeEntry[]> = await fetchJson(page, v.array(treeEntry));
    seen += entries.length;
    if (seen > MAX_ENTRIES) throw tooMany(api, seen);
    for (const { type, path, size, lfs } of entries) {
      if (type !== 'file') continue;
      files.push({ path, bytes: lfs?.size ?? size, url: fileUrl(pinned, path), ...(lfs && { sha256: lfs.oid }) });
    }
    page = next;
  }
  return { repo: address.repo, revision, files };
}

const tooMany = (api: string, count: number) =>
  new AppError(
    'file-invalid',
    `${api} has ${count} files and folders or more, and at most ${MAX_ENTRIES} are read. Give the address of one file.`,
  );

const modelScopeFile = v.object({
  Type: v.string(),
  Path: path,
  Size: bytes,
  Sha256: v.optional(v.string(), ''),
});
const modelScopeList = v.object({ Data: v.object({ Files: v.array(modelScopeFile) }) });

/** The revision of a file there is the commit that last changed it, so the list is of the revision asked for. */
async function listModelScope(address: RepositoryAddress, fetchJson: FetchJson): Promise<RepositoryListing> {
  const { base, repo, revision } = address;
  const query = new URLSearchParams({ Recursive: 'true', Revision: revision });
  const { value } = await fetchJson(`${base}/api/v1/models/${repo}/repo/files?${query}`, modelScopeList);
  if (value.Data.Files.length > MAX_ENTRIES) throw tooMany(`${base}/api/v1/models/${repo}`, value.Data.Files.length);
  const files = value.Data.Files.filter(({ Type }) => Type !== 'tree').map(({ Path: path, Size, Sha256 }) => ({
    ...{ path, bytes: Size, url: fileUrl(address, path) },
    ...(v.is(sha256, Sha256) && { sha256: Sha256.toLowerCase() }),
  }));
  return { repo, revision, files };
}

/** Weights that go together: one file, or the shards that an index names. */
export interface WeightChoice {
  /** The path of the file, or of the shards without their numbers. */
  readonly name: string;
  readonly format: 'safetensors' | 'gguf' | 'pth';
  /** Shards in their order. */
  readonly files: readonly RepositoryFile[];
  /** Which shard has which tensor. Not needed: the shards' own headers say it too. */
  readonly index?: RepositoryFile;
  readonly bytes: number;
  /** Shards that their names count but the list lacks. */
  readonly missing: number;
}

const SHARD = /^(.*)-(\d{5})-of-(\d{5})(\.safetensors|\.gguf)$/;
const WEIGHTS = /\.(safetensors|gguf|pth)$/;

export const isWeightsName = (path: string): boolean => WEIGHTS.test(path);

/** What of a list can be weights, by path. Adapters and training states are left for the reader of the header to refuse. */
export function weightFiles(files: readonly RepositoryFile[]): WeightChoice[] {
  const groups = new Map<string, { files: RepositoryFile[]; expected: number }>();
  for (const file of files) {
    if (!WEIGHTS.test(file.path)) continue;
    const shard = SHARD.exec(file.path);
    // Checkpoints cut into other numbers of shards may lie side by side.
    const key = shard ? `${shard[1]}-of-${shard[3]}${shard[4]}` : file.path;
    const group = groups.get(key) ?? { files: [], expected: shard ? Number(shard[3]) : 1 };
    groups.set(key, group);
    group.files.push(file);
  }
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [...groups.values()]
    .map((group): WeightChoice => {
      const sorted = group.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      const { path } = sorted[0]!;
      const shard = SHARD.exec(path);
      const name = shard ? `${shard[1]}${shard[4]}` : path;
      const index = byPath.get(`${name}.index.json`);
      return {
        name,
        format: WEIGHTS.exec(path)![1] as WeightChoice['format'],
        files: sorted,
        bytes: sorted.reduce((sum, { bytes }) => sum + bytes, 0),
        missing: group.expected - sorted.length,
        ...(index && { index }),
      };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
