/** LoRAs stacked: for each weight one pair of matrices whose product, with a factor for each of the ranks, is the sum of theirs. */
import { AppError } from '../core/errors';
import { type Block, type BlockMatrix, blockMatrix } from './block_matrix';
import type { StoredTensor } from './checkpoint';
import type { ExpectedTensors } from './inspection';
import { isProduct, type Lora, matrixSides } from './lora';
import { decodeWeights } from './weight_types';

/** What one LoRA has of an adapter's ranks. */
interface Share {
  /** Its place among the LoRAs. */
  readonly lora: number;
  readonly rank: number;
  readonly alpha: StoredTensor | number;
}

export interface LoraAdapter {
  /** Of all together, rounded up to a multiple of 4, as kernels need it. */
  readonly rank: number;
  /** (columns, rank) */
  readonly up: BlockMatrix;
  /** (rank, depth); its rows are to be multiplied by `loraFactors`. */
  readonly down: BlockMatrix;
  readonly shares: readonly Share[];
}

interface Pair extends Share {
  readonly up: Block['content'];
  readonly down: Block['content'];
}

/** By the names of the weights. The LoRAs have been checked against what is expected. */
export function loraAdapters(loras: readonly Lora[], expected: ExpectedTensors): ReadonlyMap<string, LoraAdapter> {
  const pairs = new Map<string, Pair[]>();
  const add = (name: string, pair: Pair) => pairs.set(name, [...(pairs.get(name) ?? []), pair]);
  loras.forEach(({ layers, differences }, lora) => {
    for (const [name, layer] of layers) add(name, { ...layer, lora });
    for (const [name, difference] of differences) {
      const shape = expected.get(name)!;
      if (!isProduct(name, shape)) continue;
      const [columns, depth] = matrixSides(shape);
      // D = 1 · D = D · 1, whichever has the lower rank.
      const [up, down] = columns < depth ? (['identity', difference] as const) : ([difference, 'identity'] as const);
      const rank = Math.min(columns, depth);
      add(name, { up, down, rank, alpha: rank, lora });
    }
  });
  return new Map([...pairs].map(([name, own]) => [name, stacked(own, ...matrixSides(expected.get(name)!))]));
}

function stacked(pairs: readonly Pair[], columns: number, depth: number): LoraAdapter {
  const [ups, downs]: [Block[], Block[]] = [[], []];
  let first = 0;
  for (const { up, down, rank } of pairs) {
    ups.push({ row: 0, column: first, rows: columns, columns: rank, content: up });
    downs.push({ row: first, column: 0, rows: rank, columns: depth, content: down });
    first += rank;
  }
  const rank = Math.ceil(first / 4) * 4;
  return { rank, up: blockMatrix(columns, rank, ups), down: blockMatrix(rank, depth, downs), shares: pairs };
}

/** strength · alpha / rank of each share, as often as it has ranks; 0 for what was rounded up. */
export function loraFactors(
  { rank, shares }: LoraAdapter,
  alphas: readonly number[],
  strengths: readonly number[],
): Float32Array<ArrayBuffer> {
  const factors = new Float32Array(rank);
  let first = 0;
  shares.forEach((share, i) => {
    factors.fill((strengths[share.lora]! * alphas[i]!) / share.rank, first, first + share.rank);
    first += share.rank;
  });
  return factors;
}

/** Some trainers leave these as Python had them. */
const WIDE_NUMBERS: Readonly<Record<string, (view: DataView) => number>> = {
  F64: (view) => view.getFloat64(0, true),
  I64: (view) => Number(view.getBigInt64(0, true)),
  I32: (view) => view.getInt32(0, true),
};

/** One number. Throws file-invalid, with the number, where it is more than one or none. */
export async function readAlpha(alpha: StoredTensor | number, signal?: AbortSignal): Promise<number> {
  if (typeof alpha === 'number') return alpha;
  const { source, beginByte, endByte, dtype, type, shape } = alpha;
  const refused = (what: string) =>
    new AppError(
      'file-invalid',
      `An alpha in ${source.name} is ${what}; it must be one finite number. Fetch the LoRA again, or choose another.`,
    );
  const wide = WIDE_NUMBERS[dtype];
  if (shape.some((size) => size !== 1) || (!type && !wide)) throw refused(`${dtype} [${shape.join(', ')}]`);
  const bytes = await source.read(beginByte, endByte, signal);
  const value = type ? decodeWeights(type, bytes)[0]! : wide!(new DataView(bytes.buffer));
  if (!Number.isFinite(value)) throw refused(String(value));
  return value;
}
