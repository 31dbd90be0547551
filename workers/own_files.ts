/** Files that ship with the app: golden files, the demo model. */
import { AppError } from '../src/core/errors';
import { type ByteSource, blobSource } from '../src/weights/byte_source';

/** `path` is as under `public/`. Whole, since not every static host serves ranges; the browser's cache keeps it. */
export async function fetchOwn(path: string, signal?: AbortSignal): Promise<ByteSource> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  // Workers live in assets/ of the built app, beside the folders of public/; in development, in workers/.
  // Not `import.meta.url`: vite would look for the file among its sources, and put nothing in its place.
  const response = await fetch(new URL(`../${path}`, self.location.href), { signal: signal ?? null }).catch((cause) => {
    signal?.throwIfAborted();
    throw new AppError('network-failed', `${name} could not be fetched: ${cause.message}. Try again.`, { cause });
  });
  if (!response.ok)
    throw new AppError('weights-missing', `${name} could not be fetched: the server answers ${response.status}.`);
  return blobSource(name, await response.blob());
}

export async function fetchOwnJson(path: string): Promise<unknown> {
  const source = await fetchOwn(path);
  return JSON.parse(new TextDecoder().decode(await source.read(0, source.bytes)));
}
