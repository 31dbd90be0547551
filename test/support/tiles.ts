/** The tiles that GPUs run, so written that a software adapter compiles them in a second: their rounds are loops. */
import { CPU_VARIANTS, TILE_VARIANTS, type TileTuning } from '../../src/kernels/tile';

export const GPU_TILES: readonly TileTuning[] = TILE_VARIANTS.map((tile) => ({ ...tile, STEPS: 1 }));

/** One of each form. */
export const ONE_OF_EACH: readonly TileTuning[] = [GPU_TILES[1]!, CPU_VARIANTS[0]!];
