/** The weights that a word on the command line means: a file, a folder, or an address. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../core/errors';
import { GOLDEN_FORMAT } from '../pipeline/golden';
import { HUGGING_FACE, parseAddress, type RepositoryAddress } from '../weights/address';
import type { Checkpoint } from '../weights/checkpoint';
import { type ListedFolder, openPlace, type Place } from '../weights/checkpoint_folder';
import { openHttpSource } from '../weights/http_source';
import { findInRepository } from '../weights/repository_folder';
import type { TensorFile } from '../weights/tensor_file';
import { openFile } from './file_source';

/** Repositories keep their networks one folder deep (`transformer/`) or two (`split_files/vae/`). */
const FOLDERS_DEEP = 2;

/** Golden files may lie beside the weights they belong to; they are not weights. */
export const isWeights = ({ metadata }: TensorFile) => metadata.format !== GOLDEN_FORMAT;

/**
 * A file of any format, one of several shards (all are opened), an index of shards, a folder; or an address: of a file,
 * of a page of a model hub, or `owner/repository[/path]`. As for the hub's own tools, HF_ENDPOINT chooses a mirror and
 * HF_TOKEN opens what is gated there; no other host gets to see it.
 */
export const openCheckpoint = (location: string, signal?: AbortSignal): Promise<Checkpoint> =>
  openAt(location, (place) => openPlace(place, { isWeights, signal }), signal);

/** Finds what a word means, and hands it to `use`. */
export async function openAt<T>(location: string, use: (place: Place) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const { HF_ENDPOINT, HF_TOKEN: token } = process.env;
  const hub = HF_ENDPOINT || HUGGING_FACE; // scripts leave it out by leaving it empty
  const useRepository = async (address: RepositoryAddress) => {
    const isOwn = new URL(address.base).origin === new URL(hub).origin;
    return use(await findInRepository(address, { ...(isOwn && { token }), signal }));
  };
  if (/^https?:\/\//.test(location)) {
    const address = parseAddress(location, hub);
    return address.kind === 'file' ? use(placeOfAddress(new URL(address.url))) : useRepository(address);
  }
  const found = await stat(location).catch(async (cause) => {
    const missing = `${location} cannot be opened (${cause.code})`;
    if (!REPOSITORY.test(location)) throw new AppError('weights-missing', `${missing}.`, { cause });
    return { missing };
  });
  if ('missing' in found) return useNamed(location, found.missing, hub, useRepository);
  if (found.isDirectory()) return use({ folder: await diskFolder(location, FOLDERS_DEEP), path: '' });
  return use({ folder: await diskFolder(dirname(location), 0), path: basename(location) });
}

/** Not a path that says of itself that it is one. */
const REPOSITORY = /^[\w-][\w.-]*\/[\w-][\w.-]*(\/|$)/;

/** A name that is none of a file here: it may be of a repository, or a path with a mistake in it. */
async function useNamed<T>(
  name: string,
  missing: string,
  hub: string,
  use: (address: RepositoryAddress) => Promise<T>,
): Promise<T> {
  try {
    return await use(parseAddress(name, hub) as RepositoryAddress);
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code === 'cancelled') throw failure;
    const { code, message } = failure;
    throw new AppError(code, `${missing}. As a repository of ${hub}: ${message}`, { cause: failure });
  }
}

const diskFolder = async (name: string, foldersDeep: number): Promise<ListedFolder> => ({
  name,
  paths: await filesIn(name, foldersDeep),
  open: (path) => openFile(join(name, path)),
});

/** The query of the address goes to the files beside it too: it may be what opens them. */
function placeOfAddress(address: URL): Place {
  const at = address.pathname.lastIndexOf('/') + 1;
  const name = `${address.origin}${address.pathname.slice(0, at)}`;
  return {
    folder: { name, paths: [], open: (path, signal) => openHttpSource(`${name}${path}${address.search}`, { signal }) },
    path: address.pathname.slice(at),
  };
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
