/** The tiles tests go through: those of GPUs, and those that the test adapter takes as the CPU it is. */
import { directTiles, TILE_VARIANTS, type TileTuning } from '../../src/kernels/tile';
import { testLanes } from './evaluate';

/** So written that a software adapter compiles them in a second: their rounds are loops. */
export const GPU_TILES: readonly TileTuning[] = TILE_VARIANTS.map((tile) => ({ ...tile, STEPS: 1 }));

export const DIRECT_TILES: readonly TileTuning[] = directTiles(await testLanes());

/** One of each form. */
export const ONE_OF_EACH: readonly TileTuning[] = [GPU_TILES[1]!, DIRECT_TILES[0]!];
