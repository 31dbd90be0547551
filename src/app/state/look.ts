/** Looking at weights before they are used: their headers, and what the engine makes of them. No weight is read. */
import type { Inspection } from '../../../workers/engine_api';
import type { FoundFile, SourceKey } from '../../../workers/loader_api';
import { AppError } from '../../core/errors';
import * as engine from '../engine';
import * as loader from '../loader';

export interface Found {
  readonly name: string;
  /** By which the engine reads them. */
  readonly keys: readonly SourceKey[];
  readonly files: readonly FoundFile[];
  /** Shards that are counted in the names and are not there. */
  readonly missingShards: number;
  /** Null where they cannot be read, for the reason in `trouble`. */
  readonly inspection: Inspection | null;
  readonly trouble: string | null;
}

/** Throws what the loader throws: network-failed, weights-missing, rate-limited, … */
export async function lookAt(name: string, keys: readonly SourceKey[], missingShards = 0): Promise<Found> {
  const files = await Promise.all(keys.map((key) => loader.look(key)));
  const found = { name, keys, files, missingShards, inspection: null };
  const unread = files.find(({ trouble }) => trouble !== null);
  if (unread) return { ...found, trouble: unread.trouble };
  try {
    return { ...found, inspection: await inspectFiles(keys), trouble: null };
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code !== 'file-invalid') throw failure;
    return { ...found, trouble: failure.message };
  }
}

export async function inspectFiles(keys: readonly SourceKey[]): Promise<Inspection> {
  await loader.connectEngine();
  return engine.inspect(keys);
}
