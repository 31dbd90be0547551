/** The knobs of the tiled product, which matmul and conv share, and its three forms. */

import alone from '../../shaders/lib/alone.wgsl?raw';
import shared from '../../shaders/lib/tile.wgsl?raw';
import direct from '../../shaders/lib/tile_direct.wgsl?raw';
import matrix from '../../shaders/lib/tile_matrix.wgsl?raw';
import { type Flops, flops } from '../core/units';
import type { Recorder, RecorderOptions } from '../gpu/program';
import type { ElementType } from '../gpu/tensor';
import { type Tuning, workgroupLimit } from './kernel';

/** Through workgroup memory: for GPUs. */
export interface SharedTile extends Tuning {
  /** Rows and columns of the result made by one workgroup, and the depth of one round. */
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  /** Rows and columns of the result made by one invocation, multiples of 4. */
  readonly TM: number;
  readonly TN: number;
  /** Parts of the depth, each summed by workgroups of its own (sum_parts.ts); of matmul alone, and 1 unless given. */
  readonly SPLIT?: number;
}

/** On matrix units: for GPUs that lend them, and operands in half precision. */
export interface MatrixTile extends Tuning {
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  /** Rows and columns of the result made by one subgroup of 32, in multiples of 16. */
  readonly SM: number;
  readonly SN: number;
  /** As above. */
  readonly SPLIT?: number;
}

/** Straight from storage: for adapters that are CPUs. */
export interface DirectTile extends Tuning {
  readonly BM: number;
  readonly BN: number;
  /** Rows of the result made by one invocation. */
  readonly ROWS: number;
  /** Invocations that fetch the weights for each other: all of a subgroup, or 1. */
  readonly SHARE: number;
}

export type TileTuning = SharedTile | MatrixTile | DirectTile;

/** Fits the default limits: 128 invocations, 13 KiB of workgroup memory. 41 TFLOP/s on an H100 at 8192 × 3072 × 3072. */
const GPU_TILE: SharedTile = { BM: 128, BN: 64, BK: 16, TM: 8, TN: 8 };
/** For few rows. */
const SMALL_GPU_TILE: SharedTile = { BM: 32, BN: 64, BK: 16, TM: 4, TN: 4 };
/** 256 invocations, 40 KiB of workgroup memory. 171 TFLOP/s on an H100 at 8192 × 3072 × 3072. */
const MATRIX_TILE: MatrixTile = { BM: 128, BN: 256, BK: 32, SM: 64, SN: 64 };
/** 17 KiB. 152 TFLOP/s there. */
const NARROW_MATRIX_TILE: MatrixTile = { BM: 128, BN: 128, BK: 16, SM: 64, SN: 64 };
/** For few rows, which would leave most of the GPU without a larger tile. 27 KiB. */
const MIDDLE_MATRIX_TILE: MatrixTile = { BM: 64, BN: 64, BK: 64, SM: 32, SN: 32 };
/** For fewer still. */
const SMALL_MATRIX_TILE: MatrixTile = { BM: 32, BN: 64, BK: 64, SM: 16, SN: 32 };

/** Shapes worth trying on a device; all within 256 invocations. */
export const TILE_VARIANTS: readonly TileTuning[] = [
  GPU_TILE,
  SMALL_GPU_TILE,
  { BM: 16, BN: 64, BK: 32, TM: 4, TN: 4 },
  { BM: 64, BN: 64, BK: 16, TM: 4, TN: 4 },
  { BM: 64, BN: 64, BK: 16, TM: 8, TN: 8 },
  { BM: 128, BN: 128, BK: 16, TM: 8, TN: 8 },
];

const directTile = (lanes: number, BM: number, sums: number): DirectTile => ({
  BM,
  BN: (sums * lanes) / BM,
  ROWS: BM / lanes,
  SHARE: lanes,
});

/**
 * For subgroups of 8 and 4. With 32 rows and 128 sums an invocation llvmpipe makes 60 and SwiftShader 8 GFLOP/s on two
 * cores. Twice the sums are no faster and take three times as long to compile; twice the rows spill.
 */
const SHARING_TILES = [8, 4].map((lanes): readonly DirectTile[] => [
  directTile(lanes, 32, 128),
  directTile(lanes, 16, 128),
  directTile(lanes, 32, 64),
  directTile(lanes, 16, 64),
  directTile(lanes, 8, 32),
]);
const LONE_TILES: readonly DirectTile[] = [32, 16].map((BM) => ({ BM, BN: 8, ROWS: 4, SHARE: 1 }));

/** For software adapters, by the invocations of a subgroup, the most useful first. */
export function directTiles(lanes?: number): readonly DirectTile[] {
  return SHARING_TILES.find(([first]) => first!.SHARE === lanes) ?? LONE_TILES;
}

/** What a tiled product works on: its shape, and the element types of its operands. */
export interface TiledProduct {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: 'f32' | 'f16';
  readonly weight: ElementType;
}

export function chooseTile(
  { options }: Recorder,
  kernel: string,
  product: TiledProduct,
  wanted: TileTuning | undefined,
): TileTuning {
  const tuned = wanted ?? (options.tuning?.(kernel, product) as TileTuning | undefined);
  return tuned ?? defaultTile(options, product, kernel);
}

/** What is used where nothing was tuned: with the depth cut where there are too few tiles for a large GPU. */
function defaultTile(options: RecorderOptions, product: TiledProduct, kernel: string): TileTuning {
  const whole = wholeTile(options, product);
  const groups = tileGroups(product.rows, product.columns, whole);
  if (groups >= FILLING) return whole;
  const splits = splitTiles(whole, product, kernel);
  return splits.find(({ SPLIT }) => groups * SPLIT >= 2 * FILLING) ?? splits.at(-1) ?? whole;
}

/** With the depth in one part. */
function wholeTile(options: RecorderOptions, product: TiledProduct): TileTuning {
  if (options.software) return leastWaste(directTiles(options.lanes), product);
  const { rows, left } = product;
  const columns = Math.max(product.columns, MIDDLE_MATRIX_TILE.BN);
  if (!options.matrices || left !== 'f16')
    return tileGroups(rows, columns, GPU_TILE) < 2 * FILLING ? SMALL_GPU_TILE : GPU_TILE;
  const suits = (tile: MatrixTile) =>
    columns >= tile.BN && tileGroups(rows, columns, tile) >= FILLING && workgroupBytes(tile) <= workgroupLimit(options);
  return [MATRIX_TILE, NARROW_MATRIX_TILE, MIDDLE_MATRIX_TILE].find(suits) ?? SMALL_MATRIX_TILE;
}

/** Workgroups that keep a large GPU busy. */
const FILLING = 100;

type SplitTile = TileTuning & { readonly SPLIT: number };

const SPLITS = [2, 4, 8];
/** At least, of a part: of less, adding the parts takes as long as it saves. */
const PART_DEPTH = 512;

/** The small tile with its depth cut, for products that even so have few tiles, and a depth that is worth it. */
function splitTiles(whole: TileTuning, product: TiledProduct, kernel: string): readonly SplitTile[] {
  const { rows, columns, depth } = product;
  if (kernel !== 'matmul' || (whole !== SMALL_GPU_TILE && whole !== SMALL_MATRIX_TILE)) return [];
  if (tileGroups(rows, columns, whole) >= 2 * FILLING) return [];
  return SPLITS.filter((SPLIT) => depth >= SPLIT * PART_DEPTH).map((SPLIT) => ({ ...whole, SPLIT }));
}

/** Of each part that a tile cuts the depth into, in whole rounds; the last part may be shorter, and none is empty. */
export function partDepthOf({ BK, SPLIT = 1 }: Tuning, depth: number): number {
  return BK === undefined ? depth : Math.min(depth, Math.ceil(depth / BK / SPLIT) * BK);
}

/**
 * The first, or the last and smallest where the first's tiles stick out so far that it computes half as much: a third
 * form would have to be compiled, which takes such an adapter as long as a thousand of these small products.
 */
function leastWaste(tiles: readonly DirectTile[], { rows, columns }: TiledProduct): DirectTile {
  const computed = (tile: DirectTile) => tileGroups(rows, columns, tile) * tile.BM * tile.BN;
  const [first, smallest] = [tiles[0]!, tiles.at(-1)!];
  return 2 * computed(smallest) <= computed(first) ? smallest : first;
}

/** All that a tuner may choose from on such a device, the default first, cut depths last. */
export function tileCandidates(
  options: RecorderOptions,
  product: TiledProduct,
  kernel: 'matmul' | 'conv' = 'matmul',
): readonly TileTuning[] {
  const most = workgroupLimit(options);
  const offered: readonly TileTuning[] = options.software
    ? directTiles(options.lanes)
    : [...(options.matrices && product.left === 'f16' ? MATRIX_VARIANTS : []), ...TILE_VARIANTS];
  const first = defaultTile(options, product, kernel);
  const splits = splitTiles(wholeTile(options, product), product, kernel).filter(({ SPLIT }) => SPLIT !== first.SPLIT);
  return [first, ...[...offered, ...splits].filter((tile) => tile !== first && workgroupBytes(tile) <= most)];
}

/** What the form brings to the composition of a kernel: its part, the types it names and its knobs. Not for a cut depth. */
export function tileForm(tuning: TileTuning, depth: number) {
  if (!('BK' in tuning)) {
    const form = { types: {}, tuning: { ...tuning, WHOLE: 1 } };
    return tuning.SHARE === 1 ? { ...form, part: `${direct}\n${alone}` } : { ...form, part: direct, subgroups: true };
  }
  const knobs = { ...tuning, WHOLE: depth % tuning.BK === 0 ? 1 : 0 };
  if ('SM' in tuning)
    return { part: matrix, types: { Staged: 'f16' as const }, tuning: knobs, subgroups: true, matrices: true };
  // Staged in f32 whatever the operands: converting in the inner loop costs more than the memory.
  return { part: shared, types: { Staged: 'f32' as const }, tuning: knobs };
}

/** For devices with matrix units, where the left operand is in half precision. */
export const MATRIX_VARIANTS: readonly MatrixTile[] = [
  MATRIX_TILE,
  NARROW_MATRIX_TILE,
  MIDDLE_MATRIX_TILE,
  SMALL_MATRIX_TILE,
  { BM: 256, BN: 128, BK: 32, SM: 64, SN: 64 },
  { BM: 64, BN: 128, BK: 32, SM: 32, SN: 64 },
  { BM: 64, BN: 64, BK: 32, SM: 32, SN: 32 },
];

/** Workgroup memory that a tile takes, as its shader declares it. */
function workgroupBytes(tile: TileTuning): number {
  if (!('BK' in tile)) return 0;
  const { BM, BN, BK } = tile;
  if (!('SM' in tile)) return (BM + BN + 8) * BK * 4;
  const subgroups = (BM / tile.SM) * (BN / tile.SN);
  return (BM + BN) * (BK + 8) * 2 + subgroups * 16 * 20 * 4;
}

type TileArea = { readonly BM: number; readonly BN: number };

/** What so many workgroups compute, kept or not. */
export function tileFlops(groups: number, { BM, BN }: TileArea, depth: number): Flops {
  return flops(2 * groups * BM * BN * depth);
}

export function tileGroups(rows: number, columns: number, { BM, BN }: TileArea): number {
  return Math.ceil(rows / BM) * Math.ceil(columns / BN);
}
