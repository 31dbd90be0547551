/**
 * Checkpoints in several files: `model-00002-of-00003.safetensors`, and the index beside
 * them (`*.safetensors.index.json`) that says which tensor is in which.
 */
import { AppError, excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { MAX_TENSORS, type TensorFile } from './tensor_file';

export const INDEX_ENDING = '.index.json';
/** 825 tensors take 100 kB, so this leaves room for forty times as much, and for about a second. */
const MAX_INDEX_BYTES = 4_000_000;
/** Even at 1 GB a file this is a thousand gigabytes. */
const MAX_SHARDS = 1000;

export interface ShardIndex {
  /** Of the index, for messages. */
  readonly name: string;
  /** The files, each a plain name in the folder of the index. */
  readonly shards: readonly string[];
  /** The shard of each tensor. */
  readonly shardOf: ReadonlyMap<string, string>;
}

/** Throws file-invalid, for one that is too long before it is read. */
export async function readShardIndex(source: ByteSource, signal?: AbortSignal): Promise<ShardIndex> {
  if (source.bytes > MAX_INDEX_BYTES)
    throw invalid(source.name, `it has ${source.bytes} bytes, at most ${MAX_INDEX_BYTES} are read`);
  return parseShardIndex(source.name, await source.read(0, source.bytes, signal));
}

const invalid = (name: string, what: string, options?: ErrorOptions) =>
  new AppError('file-invalid', `${name} is not a usable index of shards: ${what}.`, options);

/** Throws file-invalid. Refuses names that lead out of the folder. */
export function parseShardIndex(name: string, bytes: Uint8Array): ShardIndex {
  let json: { weight_map?: unknown } | null;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(name, 'it is not JSON', { cause });
  }
  const map = json?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) throw invalid(name, 'it has no weight_map');
  const entries = Object.entries(map);
  if (entries.length > MAX_TENSORS)
    throw invalid(name, `it lists ${entries.length} tensors, at most ${MAX_TENSORS} are read`);
  const shardOf = new Map<string, string>();
  for (const [tensor, shard] of entries) {
    if (typeof shard !== 'string' || !/^[^/\\]+$/.test(shard) || /^\.+$/.test(shard))
      throw invalid(
        name,
        `it puts "${excerpt(tensor)}" into ${typeof shard === 'string' ? `"${excerpt(shard)}"` : `a ${typeof shard}`}, which is not the name of a file beside it`,
      );
    shardOf.set(tensor, shard);
  }
  const shards = [...new Set(shardOf.values())].sort();
  if (shards.length === 0 || shards.length > MAX_SHARDS)
    throw invalid(name, `it names ${shards.length} files, 1 to ${MAX_SHARDS} are read`);
  return { name, shards, shardOf };
}

/** `files` by their names in the folder. Throws weights-missing for a shard that is not there, file-invalid where names disagree. */
export function checkShards(index: ShardIndex, files: ReadonlyMap<string, TensorFile>): void {
  const missing = index.shards.filter((shard) => !files.has(shard));
  if (missing.length > 0)
    throw new AppError(
      'weights-missing',
      `${index.name} names ${index.shards.length} files, ${missing.length} of them are missing: ${missing.map(excerpt).join(', ')}.`,
    );
  for (const [tensor, shard] of index.shardOf)
    if (!files.get(shard)!.tensors.has(tensor))
      throw new AppError(
        'file-invalid',
        `${index.name} puts ${excerpt(tensor)} into ${excerpt(shard)}, where it is not.`,
      );
  for (const shard of index.shards)
    for (const tensor of files.get(shard)!.tensors.keys())
      if (index.shardOf.get(tensor) !== shard)
        throw new AppError(
          'file-invalid',
          `${excerpt(shard)} holds ${excerpt(tensor)}, which ${index.name} puts into ${excerpt(index.shardOf.get(tensor) ?? 'no file')}.`,
        );
}

/** All names of the checkpoint that `name` is a shard of, itself among them; null if it is not named like one. */
export function shardNames(name: string): string[] | null {
  const [, stem, , count, ending] = /^(.*)-(\d{5})-of-(\d{5})(\.\w+)$/.exec(name) ?? [];
  const total = Number(count);
  if (stem === undefined || !(total >= 1 && total <= MAX_SHARDS)) return null;
  return Array.from({ length: total }, (_, i) => `${stem}-${String(i + 1).padStart(5, '0')}-of-${count}${ending}`);
}
