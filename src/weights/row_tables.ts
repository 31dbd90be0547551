/**
 * Tables of which only single rows are ever read: the text encoder's embeddings, 2.1 GB in 16 bits for the
 * published one, of which a prompt takes a few hundred rows. A store need not keep them.
 */
import { type ByteRange, rangesWithout, wantedBytes } from './chunk_map';
import { recogniseNames } from './recognise_names';
import type { FileTensor } from './tensor_file';
import { EMBEDDING } from './tensor_names';

/** Their bytes in a file of `fileBytes` bytes; none where they lie in blocks that are stored for what is beside them. */
export function rowTables(tensors: ReadonlyMap<string, FileTensor>, fileBytes: number): ByteRange[] {
  const parts = recogniseNames([tensors.keys()])[0]!.filter(({ network }) => network === 'text');
  const tables = parts.flatMap(({ originals }) =>
    [...originals].flatMap(([name, original]) => (original === EMBEDDING ? tensors.get(name)! : [])),
  );
  const ranges = tables.map(({ beginByte, endByte }) => ({ beginByte, endByte }));
  return storedBytes(fileBytes, ranges) < fileBytes ? ranges : [];
}

/** What a store that keeps whole blocks takes of a file without some ranges of it. */
export const storedBytes = (fileBytes: number, without: readonly ByteRange[]): number =>
  wantedBytes(fileBytes, rangesWithout(fileBytes, without));
