/** What a person types or pastes to say where weights are: a repository of a hub, part of one, or a file. */
import { AppError, excerpt } from '../core/errors';

/** How a hub is spoken to; mirrors speak as Hugging Face does. */
export type HubLayout = 'huggingface' | 'modelscope';

export interface RepositoryAddress {
  readonly kind: 'repository';
  /** Such as 'https://huggingface.co', without a slash at the end. */
  readonly base: string;
  readonly layout: HubLayout;
  /** 'owner/name' */
  readonly repo: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
  /** A folder or a file in it; empty for all of it. */
  readonly path: string;
}

export interface FileAddress {
  readonly kind: 'file';
  readonly url: string;
}

export const HUGGING_FACE = 'https://huggingface.co';

const MAIN: Readonly<Record<HubLayout, string>> = { huggingface: 'main', modelscope: 'master' };
/** Hugging Face's own, its common mirror, and ModelScope's. */
const HUBS: Readonly<Record<string, HubLayout>> = {
  'huggingface.co': 'huggingface',
  'hf.co': 'huggingface',
  'hf-mirror.com': 'huggingface',
  'modelscope.cn': 'modelscope',
  'www.modelscope.cn': 'modelscope',
};

/** Words of a hub's addresses that stand between the repository and the revision. */
const VIEWS = ['tree', 'blob', 'resolve', 'raw', 'file', 'files'];

/** First words of a hub's addresses that are no owners; files of data sets are read as any other file. */
const NO_OWNERS = ['api', 'datasets', 'spaces', 'docs', 'collections', 'papers'];

/** Names as the hubs allow them: letters, digits, '.', '_' and '-'. */
const REPO = /^[\w.-]+\/[\w.-]+$/;

/**
 * Understands `owner/repo`, `owner/repo/path/file`, pages and files of Hugging Face, its mirrors and ModelScope
 * (`…/owner/repo[/tree|blob|resolve/REVISION[/PATH]]`), and any other http(s) address as that of a file. `base` is the
 * hub that names without an address belong to, and whose own addresses are read as a hub's. Throws input-invalid.
 */
export function parseAddress(text: string, base: string = HUGGING_FACE): RepositoryAddress | FileAddress {
  if (!isWebAddress(base))
    throw new AppError(
      'input-invalid',
      `"${excerpt(base)}" is not the address of a model hub. It must begin with https:// or http://, as ${HUGGING_FACE} does.`,
    );
  const trimmed = text.trim();
  // Browsers leave the scheme out when an address is copied.
  const known = Object.keys(HUBS).find((host) => trimmed.startsWith(`${host}/`));
  const address = known ? `https://${trimmed}` : trimmed;
  if (/^[a-z][a-z0-9+.-]*:/i.test(address)) return parseUrl(address, base);

  const [owner = '', name = '', ...path] = address.split('/').filter(Boolean);
  const repo = `${owner}/${name}`;
  if (!REPO.test(repo) || /^\.+$/.test(owner))
    throw new AppError(
      'input-invalid',
      `"${excerpt(trimmed)}" is not an address of weights. Give owner/repository, a page of a model hub, or the http(s) address of a file.`,
    );
  const layout = layoutOf(base);
  return { kind: 'repository', base, layout, repo, revision: MAIN[layout], path: path.join('/') };
}

function parseUrl(text: string, base: string): RepositoryAddress | FileAddress {
  if (!isWebAddress(text))
    throw new AppError(
      'input-invalid',
      `"${excerpt(text)}" cannot be fetched: an address of weights begins with https://.`,
    );
  const url = new URL(text);
  const layout = url.origin === new URL(base).origin ? layoutOf(base) : HUBS[url.hostname];
  const file: FileAddress = { kind: 'file', url: url.href };
  if (!layout) return file;

  const parts = url.pathname.split('/').filter(Boolean).map(decoded);
  const [owner = '', name = '', view, ...rest] = parts[0] === 'models' ? parts.slice(1) : parts;
  const repo = `${owner}/${name}`;
  if (!REPO.test(repo) || NO_OWNERS.includes(owner)) return file;
  const origin = url.hostname === 'hf.co' ? HUGGING_FACE : url.origin;
  const common = { kind: 'repository', base: origin, layout, repo } as const;
  if (!VIEWS.includes(view ?? '')) return { ...common, revision: MAIN[layout], path: '' };
  // ModelScope's page of a file: /models/owner/name/file/view/REVISION/PATH
  const [revision = MAIN[layout], ...path] = view === 'file' && rest[0] === 'view' ? rest.slice(1) : rest;
  return { ...common, revision, path: path.join('/') };
}

/** Of http or https, and complete. */
export const isWebAddress = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

/** For names, which results carry on: a web address without its query and password, which may open it; else as it is. */
export function withoutSecrets(text: string): string {
  if (!isWebAddress(text)) return text;
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}

/** A part of an address as a person reads it; as it stands where its % signs encode nothing. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Of a base address: by its host, and Hugging Face's where that is not known, as mirrors and test hubs are. */
export function layoutOf(base: string): HubLayout {
  return HUBS[URL.canParse(base) ? new URL(base).hostname : ''] ?? 'huggingface';
}

/** Where the bytes of a repository's file are. */
export function fileUrl({ base, layout, repo, revision }: RepositoryAddress, path: string): string {
  const inside = path.split('/').map(encodeURIComponent).join('/');
  const models = layout === 'modelscope' ? '/models' : '';
  return `${base}${models}/${repo}/resolve/${encodeURIComponent(revision)}/${inside}`;
}
