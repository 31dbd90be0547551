/** Files of the loader's, opened together for the engine. */
import { AppError } from '../src/core/errors';
import type { ByteSource } from '../src/weights/byte_source';
import type { SourceClient, SourceKey } from './byte_port';
import type { Closable } from './last_opened';

/** All of them, or none: what did open is in `opened`, for the caller to close. */
export async function openSources(
  loader: SourceClient | null,
  keys: readonly SourceKey[],
  opened: Closable[],
  signal?: AbortSignal,
): Promise<ByteSource[]> {
  if (!loader) throw new AppError('weights-missing', 'The loader is not connected. Reload the page.');
  const asked = await Promise.allSettled(keys.map((key) => loader.open(key, signal)));
  const sources = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  opened.push(...sources);
  const failed = asked.find((each) => each.status === 'rejected');
  if (failed) throw failed.reason;
  return sources;
}
