/** Golden files: those the page's self-check ships in public/golden, the solvers' in test/golden, full sizes below it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type ByteSource, blobSource } from '../../src/weights/byte_source';

const FOLDERS = ['../../public/golden/', '../golden/', '../golden/full/'].map(
  (folder) => new URL(folder, import.meta.url),
);

/** Those of the self-check. */
export const GOLDENS = readdirSync(FOLDERS[0]!).map((file) => file.replace('.safetensors', ''));

export function goldenFile(name: string): ByteSource {
  const path = FOLDERS.map((folder) => new URL(`${name}.safetensors`, folder)).find((url) => existsSync(url));
  if (!path) throw new Error(`There is no golden file ${name}.`);
  return blobSource(name, new Blob([readFileSync(path)]));
}
