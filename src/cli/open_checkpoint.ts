/** The weights that a word on the command line means: a file, a folder, or an address. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../core/errors';
import { GOLDEN_FORMAT } from '../pipeline/golden';
import { HUGGING_FACE, parseAddress, type RepositoryAddress } from '../weights/address';
import type { Checkpoint } from '../weights/checkpoint';
import { type Folder, openFolder, openInFolder } from '../weights/checkpoint_folder';
import { openHttpSource } from '../weights/http_source';
import { openRepository } from '../weights/repository_folder';
import type { TensorFile } from '../weights/tensor_file';
import { openFile } from './file_source';

/** Repositories keep their networks one folder deep (`transformer/`) or two (`split_files/vae/`). */
const FOLDERS_DEEP = 2;

/** Golden files may lie beside the weights they belong to; they are not weights. */
const isWeights = ({ metadata }: TensorFile) => metadata.format !== GOLDEN_FORMAT;

/**
 * A file of any format, one of several shards (all are opened), an index of shards, a folder; or an address: of a file,
 * of a page of a model hub, or `owner/repository[/path]`. As for the hub's own tools, HF_ENDPOINT chooses a mirror and
 * HF_TOKEN opens what is gated there; no other host gets to see it.
 */
export async function openCheckpoint(location: string, signal?: AbortSignal): Promise<Checkpoint> {
  const { HF_ENDPOINT: hub = HUGGING_FACE, HF_TOKEN: token } = process.env;
  const options = { isWeights, signal };
  const openAt = (address: RepositoryAddress) => {
    const isOwn = new URL(address.base).origin === new URL(hub).origin;
    return openRepository(address, isOwn ? { ...options, token } : options);
  };
  if (/^https?:\/\//.test(location)) {
    const address = parseAddress(location, hub);
    return address.kind === 'file' ? openAddress(new URL(address.url), signal) : openAt(address);
  }
  const found = await stat(location).catch(async (cause) => {
    const missing = `${location} cannot be opened (${cause.code})`;
    if (!REPOSITORY.test(location)) throw new AppError('weights-missing', `${missing}.`, { cause });
    return { missing };
  });
  if ('missing' in found) return openNamed(location, found.missing, hub, openAt);
  if (!found.isDirectory()) return openInFolder(diskFolder(dirname(location)), basename(location), { signal });
  const paths = await filesIn(location, FOLDERS_DEEP);
  return openFolder({ ...diskFolder(location), paths }, { isWeights, signal });
}

/** Not a path that says of itself that it is one. */
const REPOSITORY = /^[\w-][\w.-]*\/[\w-][\w.-]*(\/|$)/;

/** A name that is none of a file here: it may be of a repository, or a path with a mistake in it. */
async function openNamed(
  name: string,
  missing: string,
  hub: string,
  openAt: (address: RepositoryAddress) => Promise<Checkpoint>,
) {
  try {
    return await openAt(parseAddress(name, hub) as RepositoryAddress);
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code === 'cancelled') throw failure;
    const { code, message } = failure;
    throw new AppError(code, `${missing}. As a repository of ${hub}: ${message}`, { cause: failure });
  }
}

const diskFolder = (name: string): Folder => ({ name, open: (path) => openFile(join(name, path)) });

/** The query of the address goes to the files beside it too: it may be what opens them. */
function openAddress(address: URL, signal: AbortSignal | undefined): Promise<Checkpoint> {
  const at = address.pathname.lastIndexOf('/') + 1;
  const folder = `${address.origin}${address.pathname.slice(0, at)}`;
  return openInFolder(
    { name: folder, open: (path) => openHttpSource(`${folder}${path}${address.search}`, { signal }) },
    address.pathname.slice(at),
    { signal },
  );
}

async function filesIn(folder: string, foldersDeep: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    // A link counts as what it leads to: hubs keep their downloads behind links.
    const found = entry.isSymbolicLink() ? await stat(path).catch(() => null) : entry;
    if (found?.isFile()) return [entry.name];
    if (!found?.isDirectory() || foldersDeep === 0 || entry.name.startsWith('.')) return [];
    return (await filesIn(path, foldersDeep - 1)).map((name) => `${entry.name}/${name}`);
  });
  return (await Promise.all(paths)).flat();
}
