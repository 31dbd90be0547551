/** The knobs of the tiled product, which matmul and conv share, and its three forms. */

import alone from '../../shaders/lib/alone.wgsl?raw';
import shared from '../../shaders/lib/tile.wgsl?raw';
import direct from '../../shaders/lib/tile_direct.wgsl?raw';
import matrix from '../../shaders/lib/tile_matrix.wgsl?raw';
import { type Flops, flops } from '../core/units';
import type { Recorder, RecorderOptions } from '../gpu/program';
import { ELEMENT_BYTES, type ElementType } from '../gpu/tensor';
import type { Tuning } from './kernel';

/** Through workgroup memory: for GPUs. */
export interface SharedTile extends Tuning {
  /** Rows and columns of the result made by one workgroup, and the depth of one round. */
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  /** Rows and columns of the result made by one invocation. */
  readonly TM: number;
  readonly TN: number;
}

/** On matrix units: for GPUs that lend them, and operands in half precision. */
export interface MatrixTile extends Tuning {
  readonly BM: number;
  readonly BN: number;
  readonly BK: number;
  /** Rows and columns of the result made by one subgroup of 32, in multiples of 16. */
  readonly SM: number;
  readonly SN: number;
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

/** Fits the default limits: 256 invocations, 10 KiB of workgroup memory in f32. */
const GPU_TILE: SharedTile = { BM: 64, BN: 64, BK: 16, TM: 4, TN: 4 };
/** 256 invocations, 30 KiB of workgroup memory. On an H100 100 TFLOP/s at 8192 × 3072 × 14336; with SN 64 it spills, 24. */
const MATRIX_TILE: MatrixTile = { BM: 128, BN: 128, BK: 32, SM: 64, SN: 32 };
/** For few rows, which would leave most of the GPU without a tile: at 128 × 14336 × 3072 34 TFLOP/s, and MATRIX_TILE 18. */
const SMALL_MATRIX_TILE: MatrixTile = { BM: 32, BN: 64, BK: 64, SM: 16, SN: 32 };
/** Shapes worth trying on a device; all within 256 invocations. */
export const TILE_VARIANTS: readonly TileTuning[] = [
  GPU_TILE,
  { BM: 16, BN: 64, BK: 32, TM: 2, TN: 4 },
  { BM: 32, BN: 64, BK: 16, TM: 4, TN: 4 },
  { BM: 64, BN: 128, BK: 16, TM: 4, TN: 8 },
  { BM: 128, BN: 128, BK: 16, TM: 8, TN: 8 },
];

const directTile = (lanes: number, BM: number, sums: number): DirectTile => ({
  BM,
  BN: (sums * lanes) / BM,
  ROWS: BM / lanes,
  SHARE: lanes,
});
/**
 * For subgroups of 8 and 4. Of 32 rows and 128 sums an invocation llvmpipe makes 60 and SwiftShader 6.2 GFLOP/s on two
 * cores. Twice the sums take three times as long to compile, and more rows are slower than they are decoded less often.
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
  return wanted ?? (options.tuning?.(kernel, product) as TileTuning | undefined) ?? defaultTile(options, product);
}

/** What is used where nothing was tuned. */
function defaultTile(options: RecorderOptions, product: TiledProduct): TileTuning {
  if (options.software) return leastWaste(directTiles(options.lanes), product);
  if (!options.matrices || product.left !== 'f16') return GPU_TILE;
  return product.rows < 256 ? SMALL_MATRIX_TILE : MATRIX_TILE;
}

/** The first, unless its tiles stick out so far that another one computes a tenth less. */
function leastWaste(tiles: readonly DirectTile[], { rows, columns }: TiledProduct): DirectTile {
  const computed = (tile: DirectTile) => tileGroups(rows, columns, tile) * tile.BM * tile.BN;
  return tiles.reduce((best, tile) => (computed(tile) < 0.9 * computed(best) ? tile : best));
}

/** All that a tuner may choose from on such a device, the default first. */
export function tileCandidates(options: RecorderOptions, product: TiledProduct): readonly TileTuning[] {
  const most = options.workgroupBytes ?? 16384;
  const offered: readonly TileTuning[] = options.software
    ? directTiles(options.lanes)
    : [...(options.matrices && product.left === 'f16' ? MATRIX_VARIANTS : []), ...TILE_VARIANTS];
  const first = defaultTile(options, product);
  return [first, ...offered.filter((tile) => tile !== first && workgroupBytes(tile, product.left) <= most)];
}

/** What the form brings to the composition of a kernel. */
export function tileForm(tuning: TileTuning, left: 'f32' | 'f16') {
  if (!('BK' in tuning))
    return tuning.SHARE === 1
      ? { part: `${direct}\n${alone}`, types: {} }
      : { part: direct, types: {}, subgroups: true };
  if ('SM' in tuning) return { part: matrix, types: { Staged: 'f16' as const }, subgroups: true, matrices: true };
  return { part: shared, types: { Staged: left } };
}

/** For devices with matrix units, where the left operand is in half precision. */
export const MATRIX_VARIANTS: readonly MatrixTile[] = [
  MATRIX_TILE,
  SMALL_MATRIX_TILE,
  { BM: 128, BN: 128, BK: 32, SM: 64, SN: 64 },
  { BM: 128, BN: 256, BK: 32, SM: 64, SN: 64 },
  { BM: 256, BN: 128, BK: 32, SM: 64, SN: 64 },
  { BM: 64, BN: 128, BK: 32, SM: 32, SN: 64 },
  { BM: 64, BN: 64, BK: 32, SM: 32, SN: 32 },
  { BM: 64, BN: 64, BK: 64, SM: 32, SN: 32 },
];

/** Workgroup memory that a tile takes, as its shader declares it. */
function workgroupBytes(tile: TileTuning, left: 'f32' | 'f16'): number {
  if (!('BK' in tile)) return 0;
  const { BM, BN, BK } = tile;
  if (!('SM' in tile)) return (BM + BN) * (BK + 4) * ELEMENT_BYTES[left];
  const subgroups = (BM / tile.SM) * (BN / tile.SN);
  return (BM + BN) * (BK + 8) * 2 + subgroups * 16 * 20 * 4;
}

/** What so many workgroups compute, kept or not. */
export function tileFlops(groups: number, { BM, BN }: TileTuning, depth: number): Flops {
  return flops(2 * groups * BM * BN * depth);
}

export function tileGroups(rows: number, columns: number, { BM, BN }: TileTuning): number {
  return Math.ceil(rows / BM) * Math.ceil(columns / BN);
}
