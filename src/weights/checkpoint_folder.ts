/**
 * The checkpoint in a folder: on a disk, behind a URL, in a repository, chosen in a page.
 *
 * A folder may hold several networks, each in a file or in shards, some with an index. What it may not
 * hold is two forms of one network: which is meant, only the user can say.
 */
import { AppError } from '../core/errors';
import type { ByteSource } from './byte_source';
import { type Checkpoint, joinFiles, openTensorFile } from './checkpoint';
import { checkShards, INDEX_ENDING, readShardIndex, shardNames } from './shard_index';
import type { TensorFile } from './tensor_file';
import { NETWORKS, type Network } from './tensor_names';

export interface Folder {
  /** For messages: a path or an address. */
  readonly name: string;
  /** Throws weights-missing for a file that is not there. `path` is relative, with '/' between its parts. */
  open(path: string, signal?: AbortSignal): Promise<ByteSource>;
}

export interface ListedFolder extends Folder {
  /** Of all files in it and in its folders, relative. */
  readonly paths: readonly string[];
}

/** A folder and a file in it; '' for all of the folder. */
export interface Place {
  /** Beside a file, `paths` are those that are known of: a server may not list what it has. */
  readonly folder: ListedFolder;
  readonly path: string;
}

export interface FolderOptions {
  /** Says no to files that hold no weights, such as golden files. */
  readonly isWeights?: (file: TensorFile) => boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Files that belong together, and what to call them. */
interface FileSet {
  readonly label: string;
  readonly files: readonly TensorFile[];
}

const WEIGHTS = /\.(safetensors|gguf|pth|pt)$/;
/** Among the files of a folder, which may have indexes of other things. */
const INDEX = /\.(safetensors|bin)\.index\.json$/;

const NETWORK_WORDS: Readonly<Record<Network, string>> = {
  text: 'the text encoder',
  dit: 'the transformer',
  vae: 'the VAE',
  tiny: 'the tiny decoder',
};

/** As `openFolder` or `openInFolder`. */
export const openPlace = ({ folder, path }: Place, options: FolderOptions = {}): Promise<Checkpoint> =>
  path === '' ? openFolder(folder, options) : openInFolder(folder, path, options);

/** The file `path` and, if it is an index or one of several shards, all that belong to it. */
export async function openInFolder(folder: Folder, path: string, { signal }: FolderOptions = {}): Promise<Checkpoint> {
  const { files } = path.endsWith(INDEX_ENDING)
    ? await openIndex(folder, path, signal)
    : await openShards(folder, path, signal);
  return joinFiles(files);
}

/** All of a folder. Throws weights-missing where it holds none, file-invalid where it holds two forms of one network. */
export async function openFolder(
  folder: ListedFolder,
  { isWeights = () => true, signal }: FolderOptions = {},
): Promise<Checkpoint> {
  const sets: FileSet[] = [];
  const claimed = new Set<string>();
  const take = ({ label, files, paths }: FileSet & { readonly paths: readonly string[] }) => {
    for (const path of paths) claimed.add(path);
    sets.push({ label, files: files.filter(isWeights) });
  };
  const paths = [...folder.paths].sort();
  for (const path of paths.filter((name) => INDEX.test(name))) take(await openIndex(folder, path, signal));
  for (const path of paths.filter((name) => WEIGHTS.test(name)))
    if (!claimed.has(path)) take(await openShards(folder, path, signal));

  const weights = sets.filter(({ files }) => files.length > 0);
  if (weights.length === 0)
    throw new AppError(
      'weights-missing',
      `${folder.name} holds no weights: ${sets.length} files that hold something else, and no other *.safetensors, *.gguf or *.pth.`,
    );
  refuseAlternatives(folder, weights);
  return joinFiles(weights.flatMap(({ files }) => files));
}

async function openIndex(folder: Folder, path: string, signal: AbortSignal | undefined) {
  const index = await readShardIndex(await folder.open(path, signal), signal);
  const paths = index.shards.map((shard) => beside(path, shard));
  const files = await openFiles(folder, paths, signal);
  checkShards(index, new Map(index.shards.map((shard, i) => [shard, files[i]!])));
  return { label: path, files, paths };
}

async function openShards(folder: Folder, path: string, signal: AbortSignal | undefined) {
  const names = shardNames(baseName(path));
  const paths = names ? names.map((name) => beside(path, name)) : [path];
  return { label: path, files: await openFiles(folder, paths, signal), paths };
}

const openFiles = (folder: Folder, paths: readonly string[], signal: AbortSignal | undefined) =>
  Promise.all(paths.map(async (path) => openTensorFile(await folder.open(path, signal), signal)));

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const beside = (path: string, name: string) => path.slice(0, path.lastIndexOf('/') + 1) + name;

/** Two files may hold two parts of a network, as the halves of the VAE, but not the same part. */
function refuseAlternatives(folder: Folder, sets: readonly FileSet[]): void {
  const joined = sets.map(({ label, files }) => ({ label, parts: joinFiles(files).parts }));
  for (const network of NETWORKS) {
    const holders = joined.map(({ label, parts }) => {
      const own = parts.filter((part) => part.network === network);
      return { label, names: new Set(own.flatMap(({ originals }) => [...originals.values()])) };
    });
    const rivals = holders.filter(({ names }, i) => holders.some((other, j) => i !== j && overlap(names, other.names)));
    if (rivals.length > 0)
      throw new AppError(
        'file-invalid',
        `${folder.name} holds ${NETWORK_WORDS[network]} ${rivals.length} times: ${rivals.map(({ label }) => label).join(', ')}. Give the path of one, or a folder with one of them.`,
      );
  }
}

const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].some((name) => b.has(name));
