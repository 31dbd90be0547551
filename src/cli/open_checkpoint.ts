/** The weights that a word on the command line means: a file, a folder, or an address. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../core/errors';
import { GOLDEN_FORMAT } from '../pipeline/golden';
import type { Checkpoint } from '../weights/checkpoint';
import { type Folder, openFolder, openInFolder } from '../weights/checkpoint_folder';
import { openHttpSource } from '../weights/http_source';
import type { TensorFile } from '../weights/tensor_file';
import { openFile } from './file_source';

/** Repositories keep their networks one folder deep (`transformer/`) or two (`split_files/vae/`). */
const FOLDERS_DEEP = 2;

/** Golden files may lie beside the weights they belong to; they are not weights. */
const isWeights = ({ metadata }: TensorFile) => metadata.format !== GOLDEN_FORMAT;

/**
 * A file of any format, one of several shards (all are opened), an index of shards, a folder, or the http(s)
 * address of a file. A repository of a model hub will be one more kind, opened as a folder is.
 */
export async function openCheckpoint(location: string, signal?: AbortSignal): Promise<Checkpoint> {
  if (/^https?:\/\//.test(location)) return openAddress(new URL(location), signal);
  const found = await stat(location).catch((cause) => {
    throw new AppError('weights-missing', `${location} cannot be opened (${cause.code}).`, { cause });
  });
  if (!found.isDirectory()) return openInFolder(diskFolder(dirname(location)), basename(location), { signal });
  const paths = await filesIn(location, FOLDERS_DEEP);
  return openFolder({ ...diskFolder(location), paths }, { isWeights, signal });
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
