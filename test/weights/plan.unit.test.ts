import { describe, expect, test } from 'vitest';
import { assignSlots, planResidency, type TileUse } from '../../src/weights/plan';
import { mulberry32 } from '../support/mulberry32';

/** Tiles as a network has them: read once or a few times, some while others are read. */
function someUses(seed: number): TileUse<number>[] {
  const bits = mulberry32(seed);
  /** In [0, limit). */
  const next = (limit: number) => (bits() / 2 ** 32) * limit;
  let position = 0;
  return Array.from({ length: 1 + Math.floor(next(40)) }, (_, tile) => {
    position += Math.floor(next(3));
    const longer = next(1) < 0.2 ? Math.floor(next(9)) : 0;
    return { tile, bytes: 4 * (1 + Math.floor(next(1000))), first: position, last: position + longer };
  });
}

const total = (uses: readonly { bytes: number }[]) => uses.reduce((sum, { bytes }) => sum + bytes, 0);
const CASES = Array.from({ length: 300 }, (_, seed) => ({ seed, share: (seed % 10) / 10 }));

describe('a plan', () => {
  test('keeps to the memory it is given, whatever the tiles, and places each of them', () => {
    let planned = 0;
    for (const { seed, share } of CASES) {
      const uses = someUses(seed);
      const slotBytes = Math.max(...uses.map(({ bytes }) => bytes));
      const bytes = 12 * slotBytes + share * total(uses);
      let plan: ReturnType<typeof planResidency<number>>;
      try {
        plan = planResidency(uses, bytes);
      } catch (failure) {
        expect(failure).toMatchObject({
          code: 'out-of-memory',
          message: expect.stringMatching(/at least .* MiB.* MiB are left/),
        });
        continue;
      }
      planned += 1;
      expect(plan.residentBytes + plan.slotBytes * plan.slotCount).toBeLessThanOrEqual(bytes);
      expect(plan.residentBytes).toBe(total(plan.resident));
      expect([...plan.resident, ...plan.streamed].map(({ tile }) => tile).sort((a, b) => a - b)).toEqual(
        uses.map(({ tile }) => tile),
      );
    }
    expect(planned).toBeGreaterThan(250);
  });

  test('never writes over a tile that a command still reads, in any round', () => {
    for (const { seed } of CASES) {
      const uses = someUses(seed);
      const { slotCount, streamed } = planResidency(uses, Number.POSITIVE_INFINITY, { keep: false });
      const loads = assignSlots(streamed, slotCount);
      const length = Math.max(...uses.map(({ last }) => last)) + 1;
      // The order of the queue: each load as early as the plan allows it.
      const holder: (number | undefined)[] = Array.from({ length: slotCount }, () => undefined);
      for (let round = 0; round < 3; round++) {
        let next = 0;
        for (let position = 0; position < length; position++) {
          while (next < loads.length) {
            const load = loads[next]!;
            const before = loads[load.before.load]!;
            const free = load.before.sameRound
              ? before.last < position
              : round === 0 || before.last - length < position;
            if (!free) break;
            holder[load.slot] = load.tile;
            next += 1;
          }
          for (const { first, last, tile, slot } of loads)
            if (first <= position && position <= last) expect(holder[slot], `seed ${seed} at ${position}`).toBe(tile);
        }
        expect(next).toBe(loads.length);
      }
    }
  });

  test('runs ahead: with one slot more than a command needs, a load waits for no command but the one before', () => {
    const uses = Array.from({ length: 20 }, (_, tile) => ({ tile, bytes: 4, first: tile, last: tile }));
    const loads = assignSlots(uses, 4);
    loads.forEach(({ before }, index) => {
      if (before.sameRound) expect(before.load).toBe(index - 4);
      else expect(index).toBeLessThan(4);
    });
  });

  test('spreads what stays evenly, so that it gives time to bring what does not', () => {
    const uses = Array.from({ length: 100 }, (_, tile) => ({ tile, bytes: 1000, first: tile, last: tile }));
    const { resident, slotBytes, slotCount } = planResidency(uses, 50_000 + 33_000);
    expect(slotBytes * slotCount + total(resident)).toBeLessThanOrEqual(83_000);
    const gaps = resident.map(({ tile }, i) => tile - (resident[i - 1]?.tile ?? -1));
    expect(Math.max(...gaps) - Math.min(...gaps)).toBeLessThanOrEqual(2);
  });

  test('says with both numbers when not even the slots fit', () => {
    const uses = [0, 1].map((tile) => ({ tile, bytes: 2 ** 25, first: tile, last: tile }));
    expect(() => planResidency(uses, 2 ** 24)).toThrow(/at least 64 MiB .* 16 MiB are left/);
  });
});
