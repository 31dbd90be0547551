/** What identifies a file: its sha256, made of all its bytes once and kept; and the names Git gives it. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { HubFile } from './hub_file';

const CHUNK_BYTES = 1024 * 1024;

const known = new WeakMap<HubFile, Promise<string>>();

/** In hexadecimal. Takes a second for each few hundred megabytes; other requests are answered meanwhile. */
export function sha256Of(file: HubFile): Promise<string> {
  const hash = known.get(file) ?? compute(file);
  known.set(file, hash);
  return hash;
}

async function compute(file: HubFile): Promise<string> {
  const hash = createHash('sha256');
  for (let begin = 0; begin < file.bytes; begin += CHUNK_BYTES) {
    hash.update(await file.read(begin, Math.min(begin + CHUNK_BYTES, file.bytes)));
    await setImmediate();
  }
  return hash.digest('hex');
}

/** Git's name of a blob. */
export function gitOid(content: Uint8Array | string): string {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
