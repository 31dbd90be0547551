/**
 * The checkpoint in a folder: on a disk, behind a URL, in a repository, chosen in a page.
 *
 * A folder may hold several networks, each in a file or in shards, some with an index. What it may not
 * hold is two forms of one network: which is meant, only the user can say.
 */
import { AppError } from '../core/errors';
import type { ByteSource } from './byte_source';
import { type Checkpoint, joinFiles, openTensorFile } from './checkpoint';
import { type NamedPart, recogniseNames } from './recognise_names';
import { checkShards, INDEX_ENDING, readShardIndex, shardNames } from './shard_index';
import { MAX_TENSORS, type TensorFile } from './tensor_file';
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

/** All are opened to find out what they hold. Published models have ten. */
const MAX_FILES = 1000;
/** In all files together, which take a second: a model has 1,300, and fifty LoRAs of 900 may lie beside it. */
const MAX_FOLDER_TENSORS = 5 * MAX_TENSORS;

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
  const opening = { folder, signal, tensors: 0 };
  const { files } = path.endsWith(INDEX_ENDING) ? await openIndex(opening, path) : await openShards(opening, path);
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
  const [indexes, others] = [INDEX, WEIGHTS].map((ending) => paths.filter((name) => ending.test(name)));
  const count = indexes!.length + others!.length;
  if (count > MAX_FILES)
    throw new AppError(
      'file-invalid',
      `${folder.name} has ${count} files of weights and indexes, at most ${MAX_FILES} are opened. Give the path of one, or a folder with those of one model.`,
    );
  const opening = { folder, signal, tensors: 0 };
  for (const path of indexes!) take(await openIndex(opening, path));
  for (const path of others!) if (!claimed.has(path)) take(await openShards(opening, path));

  const weights = sets.filter(({ files }) => files.length > 0);
  if (weights.length === 0)
    throw new AppError(
      'weights-missing',
      `${folder.name} holds no weights: ${sets.length} files that hold something else, and no other *.safetensors, *.gguf or *.pth.`,
    );
  const files = weights.flatMap((set) => set.files);
  const named = recogniseNames(files.map(({ tensors }) => tensors.keys()));
  refuseAlternatives(folder, weights, named);
  return joinFiles(files, named);
}

interface Opening {
  readonly folder: Folder;
  readonly signal: AbortSignal | undefined;
  /** Of the files that are open. */
  tensors: number;
}

async function openIndex(opening: Opening, path: string) {
  const { folder, signal } = opening;
  const index = await readShardIndex(await folder.open(path, signal), signal);
  const paths = index.shards.map((shard) => beside(path, shard));
  const files = await openFiles(opening, paths);
  checkShards(index, new Map(index.shards.map((shard, i) => [shard, files[i]!])));
  return { label: path, files, paths };
}

async function openShards(opening: Opening, path: string) {
  const names = shardNames(baseName(path));
  const paths = names ? names.map((name) => beside(path, name)) : [path];
  return { label: path, files: await openFiles(opening, paths), paths };
}

function openFiles(opening: Opening, paths: readonly string[]): Promise<TensorFile[]> {
  const { folder, signal } = opening;
  return Promise.all(
    paths.map(async (path) => {
      const source = await folder.open(path, signal);
      refuseMore(opening); // of a thousand, those that have not been read are left
      const file = await openTensorFile(source, signal);
      opening.tensors += file.tensors.size;
      refuseMore(opening);
      return file;
    }),
  );
}

function refuseMore({ folder, tensors }: Opening): void {
  if (tensors > MAX_FOLDER_TENSORS)
    throw new AppError(
      'file-invalid',
      `${folder.name} has ${tensors} tensors or more, at most ${MAX_FOLDER_TENSORS} are read together. Give the path of one file, or a folder with those of one model.`,
    );
}

const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1);
const beside = (path: string, name: string) => path.slice(0, path.lastIndexOf('/') + 1) + name;

/** Two files may hold two parts of a network, as the halves of the VAE, but not the same part. */
function refuseAlternatives(folder: Folder, sets: readonly FileSet[], named: readonly NamedPart[][]): void {
  let taken = 0;
  const own = sets.map(({ label, files }) => ({ label, parts: named.slice(taken, (taken += files.length)).flat() }));
  for (const network of NETWORKS) {
    const holders = own.map(({ label, parts }) => {
      const held = parts.filter((part) => part.network === network);
      return { label, names: new Set(held.flatMap(({ originals }) => [...originals.values()])) };
    });
    const counts = new Map<string, number>();
    for (const { names } of holders) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    const rivals = holders.filter(({ names }) => [...names].some((name) => counts.get(name)! > 1));
    if (rivals.length > 0)
      throw new AppError(
        'file-invalid',
        `${folder.name} holds ${NETWORK_WORDS[network]} ${rivals.length} times: ${rivals.map(({ label }) => label).join(', ')}. Give the path of one, or a folder with one of them.`,
      );
  }
}
