/** The knobs of the tiled product, which matmul and conv share, and its two forms. */

import shared from '../../shaders/lib/tile.wgsl?raw';
import direct from '../../shaders/lib/tile_direct.wgsl?raw';
import { type Flops, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
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

/** Straight from storage, 8 × 4 an invocation: for adapters that are CPUs. */
export interface DirectTile extends Tuning {
  readonly BM: number;
  readonly BN: number;
}

export type TileTuning = SharedTile | DirectTile;

/** Fits the default limits: 256 invocations, 10 KiB of workgroup memory in f32. */
const GPU_TILE: SharedTile = { BM: 64, BN: 64, BK: 16, TM: 4, TN: 4 };
/** llvmpipe 9 and SwiftShader 1.7 GFLOP/s on two cores, where GPU_TILE gives 1.0 and 0.1. */
export const CPU_TILE: DirectTile = { BM: 16, BN: 32 };

/** Shapes worth trying on a device; all within 256 invocations. */
export const TILE_VARIANTS: readonly TileTuning[] = [
  GPU_TILE,
  { BM: 16, BN: 64, BK: 32, TM: 2, TN: 4 },
  { BM: 32, BN: 64, BK: 16, TM: 4, TN: 4 },
  { BM: 64, BN: 128, BK: 16, TM: 4, TN: 8 },
  { BM: 128, BN: 128, BK: 16, TM: 8, TN: 8 },
  { BM: 16, BN: 128 },
];

export function chooseTile(r: Recorder, kernel: string, size: object, wanted: TileTuning | undefined): TileTuning {
  return (
    wanted ?? (r.options.tuning?.(kernel, size) as TileTuning | undefined) ?? (r.options.software ? CPU_TILE : GPU_TILE)
  );
}

export function tilePart(tuning: TileTuning): string {
  return 'BK' in tuning ? shared : direct;
}

/** What so many workgroups compute, kept or not. */
export function tileFlops(groups: number, { BM, BN }: TileTuning, depth: number): Flops {
  return flops(2 * groups * BM * BN * depth);
}

export function tileGroups(rows: number, columns: number, { BM, BN }: TileTuning): number {
  return Math.ceil(rows / BM) * Math.ceil(columns / BN);
}
