/**
 * From recorded programs and the memory allowed to the plan of their weights
 * (src/weights/plan.ts): which tiles stay and which pass. No GPU is needed, so
 * the page can say what a choice means before anything runs.
 */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import type { Program } from '../gpu/program';
import { tensorsOf } from '../gpu/scratch';
import { type Storage, type Tensor, tensorBytes } from '../gpu/tensor';
import type { WeightTile } from '../gpu/weight_tree';
import { planResidency, type ResidencyPlan, type TileUse } from '../weights/plan';
import type { ComputeOptions } from './options';

/** A few make a large matrix, and a few dozen fill the slots. */
export const TILE_BYTES = 32 * 2 ** 20;

export interface Planted {
  /** Small tensors, by their names. They stay. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tiles: readonly WeightTile[];
}

export interface WeightPlan extends ResidencyPlan<WeightTile> {
  readonly smallBytes: number;
}

/**
 * `main`: the programs that run again and again. `others`: groups that run once a prompt, whose tiles pass through
 * the same slots. `besidesBytes`: what is in GPU memory beside these weights, of `memoryBytes`. Throws AppError
 * out-of-memory with both numbers where that is too little.
 */
export function planWeights(
  { tensors, tiles }: Planted,
  main: readonly Program[],
  others: readonly (readonly Program[])[],
  besidesBytes: number,
  { residency, memoryBytes = Number.POSITIVE_INFINITY }: Pick<ComputeOptions, 'residency' | 'memoryBytes'>,
): WeightPlan {
  const smallBytes = [...tensors.values()].reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  return { ...planTiles(tiles, main, others, besidesBytes + smallBytes, residency, memoryBytes), smallBytes };
}

function planTiles(
  tiles: readonly WeightTile[],
  main: readonly Program[],
  others: readonly (readonly Program[])[],
  besidesBytes: number,
  residency: ComputeOptions['residency'],
  memoryBytes: number,
): ResidencyPlan<WeightTile> {
  const left = memoryBytes - besidesBytes;
  const uses = tileUses(main, tiles);
  const total = uses.reduce((sum, { bytes }) => sum + bytes, 0);

  // Slots for what passes once, before what stays is planned beside them.
  const stays = new Set(uses.map(({ tile }) => tile));
  const passing = tiles.filter((tile) => !stays.has(tile));
  const leastSlotBytes = passing.reduce((most, { tensor }) => Math.max(most, tensorBytes(tensor)), 4);
  const leastSlots = Math.max(
    0,
    ...others.map(
      (programs) => planResidency(tileUses(programs, tiles), left, { keep: false, leastSlotBytes }).slotCount,
    ),
  );
  const slots = { slotBytes: leastSlotBytes, slotCount: leastSlots };
  const fits = total + leastSlots * leastSlotBytes <= left;
  if (residency === 'resident' && !fits)
    throw new AppError(
      'out-of-memory',
      `Keeping all weights in GPU memory takes ${mebibytes(besidesBytes + total + leastSlots * leastSlotBytes)} in all, and ${mebibytes(memoryBytes)} are allowed. Allow more, or stream the weights.`,
    );
  const keep = Number.isFinite(memoryBytes);
  if (uses.length === 0 || residency === 'resident' || (keep && fits))
    return { resident: uses, streamed: [], residentBytes: total, streamedBytes: 0, ...slots };
  return planResidency(uses, left, { keep, leastSlots, leastSlotBytes });
}

/** When the programs, one after another, read each tile, in the order of first use. */
export function tileUses(programs: readonly Program[], tiles: readonly WeightTile[]): TileUse<WeightTile>[] {
  const tileOf = new Map<Storage, WeightTile>(tiles.map((tile) => [tile.tensor.storage, tile]));
  const uses = new Map<WeightTile, { tile: WeightTile; bytes: number; first: number; last: number }>();
  let position = 0;
  for (const { commands } of programs) {
    for (const command of commands) {
      for (const { storage } of tensorsOf(command)) {
        const tile = tileOf.get(storage);
        if (!tile) continue;
        const use = uses.get(tile);
        if (use) use.last = position;
        else uses.set(tile, { tile, bytes: tensorBytes(tile.tensor), first: position, last: position });
      }
      position += 1;
    }
  }
  return [...uses.values()];
}
