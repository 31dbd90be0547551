/**
 * The matrix product of 8-bit numbers by 8-bit numbers, four terms an instruction: what `matmul` becomes where the
 * recorder's products are 'int8' and the weight is stored as q8_0. Activations are rounded on the way in (quantise.ts).
 * Within a block of 32 the sum is exact; so the error is that of rounding alone, about 0.5 % of each operand.
 */
import blocksAtHalves from '../../shaders/lib/blocks_at_halves.wgsl?raw';
import tiled from '../../shaders/lib/tile_int8.wgsl?raw';
import direct from '../../shaders/lib/tile_int8_direct.wgsl?raw';
import source from '../../shaders/matmul_int8.wgsl?raw';
import { AppError } from '../core/errors';
import type { Recorder, RecorderOptions } from '../gpu/program';
import type { Tensor } from '../gpu/tensor';
import type { Tuning } from './kernel';
import type { MatmulSize, ProductForm } from './matmul';
import { BLOCK, QUANTISED_BYTES, quantise } from './quantise';

/** Through workgroup memory: for GPUs. */
export interface Int8Tile extends Tuning {
  /** Rows and columns of the result made by one workgroup; a round is one block of depth. */
  readonly BM: number;
  readonly BN: number;
  /** Rows and columns of the result made by one invocation, multiples of 4. */
  readonly TM: number;
  readonly TN: number;
}

/** Straight from storage, for software adapters: 8 × 4 an invocation. */
export interface DirectInt8Tile extends Tuning {
  readonly BM: number;
  readonly BN: number;
}

export type Int8Tuning = Int8Tile | DirectInt8Tile;

/** 128 invocations, 7 KiB of workgroup memory. */
const GPU_TILE: Int8Tile = { BM: 128, BN: 64, TM: 8, TN: 8 };
/** For few rows, which would leave most of the GPU without a tile. */
const SMALL_TILE: Int8Tile = { BM: 64, BN: 64, TM: 4, TN: 8 };
/** Beside exact products with bf16 weights 1.6 times as fast on llvmpipe, 0.8 times on SwiftShader. */
export const CPU_INT8_TILE: DirectInt8Tile = { BM: 16, BN: 32 };

/** Shapes worth trying on a device; all within 256 invocations and 16 KiB. */
export const INT8_VARIANTS: readonly Int8Tuning[] = [SMALL_TILE, GPU_TILE, CPU_INT8_TILE];

/** All that a tuner may choose from on such a device, the default first. */
export function int8Candidates(options: RecorderOptions, { rows }: MatmulSize): readonly Int8Tuning[] {
  const first = defaultTile(options, rows);
  const offered = INT8_VARIANTS.filter((tile) => 'TM' in tile === !options.software);
  return [first, ...offered.filter((tile) => tile !== first)];
}

function defaultTile({ software }: RecorderOptions, rows: number): Int8Tuning {
  if (software) return CPU_INT8_TILE;
  return rows < 256 ? SMALL_TILE : GPU_TILE;
}

/** What `matmul` composes and binds in place of the exact product. Rounds `x`, unless that was done just before. */
export function int8Form(
  r: Recorder,
  x: Tensor,
  weight: Tensor,
  size: MatmulSize,
  label: string,
  wanted: Int8Tuning | undefined,
): ProductForm {
  if (weight.type !== 'q8_0' || size.depth % BLOCK !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: the weight [${weight.shape}] is stored as ${weight.type}; products of 8-bit numbers take q8_0, in rows of whole blocks of ${BLOCK}.`,
    );
  const { words, scales } = quantise(r, x, label);
  const tuning =
    wanted ?? (r.options.tuning?.('matmul_int8', size) as Int8Tuning | undefined) ?? defaultTile(r.options, size.rows);
  return {
    name: 'matmul_int8',
    source,
    types: {},
    parts: ['TM' in tuning ? tiled : direct, blocksAtHalves],
    tuning,
    bindings: { 1: words, 8: scales },
    leftBytes: QUANTISED_BYTES,
    partDepth: size.depth,
  };
}

/** Does `matmul` round its operands? Weights that are not in 8 bits by then are few or small, and stay exact. */
export const isInt8 = ({ options }: Recorder, weight: Tensor): boolean =>
  options.products === 'int8' && weight.type === 'q8_0';
