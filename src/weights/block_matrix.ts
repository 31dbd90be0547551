/**
 * A matrix put together from stored ones: the factors of several LoRAs, stacked, are those of their sum. What no block
 * covers is zero. Rows are read as bytes for the GPU, each time anew; nothing is kept.
 */
import type { StoredTensor } from './checkpoint';
import { decodeWeights, WEIGHT_FORMATS, type WeightType } from './weight_types';

export interface Block {
  /** Its first row and column within the whole. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
  /** A stored tensor of rows · columns elements, in a type whose blocks are single elements; or ones on the diagonal. */
  readonly content: StoredTensor | 'identity';
}

export interface BlockMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly type: WeightType;
  readonly blocks: readonly Block[];
}

/** In the type of its blocks if they agree, else in f32, which holds all of them exactly. */
export function blockMatrix(rows: number, columns: number, blocks: readonly Block[]): BlockMatrix {
  const [type, other] = new Set(blocks.map(({ content }) => typeOf(content)));
  return { rows, columns, type: other === undefined && type ? type : 'f32', blocks };
}

const typeOf = (content: Block['content']): WeightType => (content === 'identity' ? 'f32' : content.type!);

/** Bytes of rows [start, start + count). */
export async function readBlockRows(
  { columns, type, blocks }: BlockMatrix,
  start: number,
  count: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { bytes: size } = WEIGHT_FORMATS[type];
  const all = new Uint8Array(count * columns * size);
  for (const block of blocks) {
    const first = Math.max(start, block.row);
    const end = Math.min(start + count, block.row + block.rows);
    if (first >= end) continue;
    const bytes = await blockRows(block, first - block.row, end - block.row, type, signal);
    const width = block.columns * size;
    for (let row = first; row < end; row++) {
      const from = (row - first) * width;
      all.set(bytes.subarray(from, from + width), ((row - start) * columns + block.column) * size);
    }
  }
  return all;
}

async function blockRows(
  { content, columns }: Block,
  from: number,
  to: number,
  type: WeightType,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (content === 'identity') {
    const ones = new Float32Array((to - from) * columns);
    for (let row = from; row < to; row++) ones[(row - from) * columns + row] = 1;
    return new Uint8Array(ones.buffer);
  }
  const rowBytes = columns * WEIGHT_FORMATS[content.type!].bytes;
  const begin = content.beginByte + from * rowBytes;
  const bytes = await content.source.read(begin, begin + (to - from) * rowBytes, signal);
  return content.type === type ? bytes : new Uint8Array(decodeWeights(content.type!, bytes).buffer);
}
