/**
 * Which weights stay in GPU memory and which pass through it: a plan, as data.
 *
 * A run of the GPU is a list of commands; a tile (a range of a matrix's rows) is
 * read by some of them. Given how much memory weights may take, as many tiles as
 * fit stay, spread evenly over the run, so that what stays gives time to bring
 * what does not. The others share a few slots: a tile is written into its slot
 * when the last command that reads the tile before it has been submitted.
 *
 * Slots are given by lifetimes, longest free first (the linear scan of register
 * allocators: Poletto and Sarkar, 1999), so that loads run as far ahead of the
 * commands as the slots allow.
 */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';

/** A tile, and the first and last command of a run that read it. */
export interface TileUse<Tile> {
  readonly tile: Tile;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface Load<Tile> extends TileUse<Tile> {
  readonly slot: number;
  /** Which load, by its place among the loads, had the slot before; in a run's first round nobody may have had it. */
  readonly before: { readonly load: number; readonly sameRound: boolean };
}

export interface ResidencyPlan<Tile> {
  readonly resident: readonly TileUse<Tile>[];
  readonly streamed: readonly TileUse<Tile>[];
  readonly residentBytes: number;
  readonly streamedBytes: number;
  /** All of one size, so that any tile fits any slot. */
  readonly slotBytes: number;
  readonly slotCount: number;
}

/** How far loads may run ahead where memory allows: enough to hide a disk's or a server's pauses. */
const AHEAD_BYTES = 256 * 2 ** 20;
/** With less memory than that, this share of it. */
const AHEAD_SHARE = 1 / 3;

export interface SlotOptions {
  /** May tiles stay at all? Not where every one is read only once. */
  readonly keep?: boolean;
  /** For other runs that use the same slots. */
  readonly leastSlots?: number;
  readonly leastSlotBytes?: number;
}

/**
 * `uses` in the order of first use; `bytes` is what weights may take in all, and not enough to keep them all. With
 * `keep: false` every tile passes through, and `bytes` only bounds the slots. Throws AppError out-of-memory with both numbers where the slots alone
 * do not fit.
 */
export function planResidency<Tile>(
  uses: readonly TileUse<Tile>[],
  bytes: number,
  { keep = true, leastSlots = 2, leastSlotBytes = 4 }: SlotOptions = {},
): ResidencyPlan<Tile> {
  const total = sum(uses);
  const slotBytes = uses.reduce((most, use) => Math.max(most, use.bytes), leastSlotBytes);
  const needed = Math.max(leastSlots, mostAtOnce(uses) + 1);
  const wanted = Math.floor(Math.min(AHEAD_BYTES, bytes * AHEAD_SHARE, total) / slotBytes);
  const slotCount = Math.max(needed, wanted);
  if (slotCount * slotBytes > bytes)
    throw new AppError(
      'out-of-memory',
      `Streaming these weights takes at least ${mebibytes(needed * slotBytes)} beside what else is in GPU memory, and ${mebibytes(Math.max(0, bytes))} are left for them. Allow more memory, or choose a smaller size.`,
    );
  const room = keep ? bytes - slotCount * slotBytes : 0;
  const { resident, streamed } = spread(uses, room, total);
  return { resident, streamed, residentBytes: sum(resident), streamedBytes: sum(streamed), slotBytes, slotCount };
}

/** Which tiles stay: an even share of each stretch of the run. */
function spread<Tile>(uses: readonly TileUse<Tile>[], room: number, total: number) {
  const resident: TileUse<Tile>[] = [];
  const streamed: TileUse<Tile>[] = [];
  let [left, credit] = [room, 0];
  for (const use of uses) {
    credit += use.bytes * (room / total);
    const stays = credit >= use.bytes && use.bytes <= left;
    if (stays) {
      credit -= use.bytes;
      left -= use.bytes;
    }
    (stays ? resident : streamed).push(use);
  }
  return { resident, streamed };
}

/** The most tiles that one moment of the run needs. */
function mostAtOnce(uses: readonly TileUse<unknown>[]): number {
  const ends = uses.map(({ last }) => last).sort((a, b) => a - b);
  let [ended, most] = [0, 0];
  uses.forEach(({ first }, begun) => {
    while (ends[ended]! < first) ended += 1;
    most = Math.max(most, begun + 1 - ended);
  });
  return most;
}

/** A slot for each tile that passes through, in the order of first use; rounds repeat. */
export function assignSlots<Tile>(streamed: readonly TileUse<Tile>[], slotCount: number): Load<Tile>[] {
  const holders: (number | undefined)[] = Array.from({ length: slotCount }, () => undefined);
  const freeSince = (holder: number | undefined) => (holder === undefined ? -1 : streamed[holder]!.last);
  const slots = streamed.map((use, index) => {
    // Longest free: never used, or whose holder was last read the earliest.
    let best = -1;
    holders.forEach((holder, slot) => {
      const bestSince = best < 0 ? use.first : freeSince(holders[best]);
      if (freeSince(holder) < bestSince) best = slot;
    });
    if (best < 0)
      throw new AppError(
        'out-of-memory',
        `More than ${slotCount} tiles of weights are needed at once. Allow more memory for weights.`,
      );
    const holder = holders[best];
    holders[best] = index;
    return { slot: best, holder };
  });
  return streamed.map((use, index) => {
    const { slot, holder } = slots[index]!;
    return {
      ...use,
      slot,
      before: holder === undefined ? { load: holders[slot]!, sameRound: false } : { load: holder, sameRound: true },
    };
  });
}

const sum = (uses: readonly TileUse<unknown>[]) => uses.reduce((total, { bytes }) => total + bytes, 0);
