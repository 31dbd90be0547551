import { describe, expect, test } from 'vitest';
import { type BlockRows, blockBytes, chooseBlockRows, roomyRows } from '../../src/dit/block_rows';
import { WAN22_5B } from '../../src/dit/config';

/** 1280×704, 121 frames, both branches of four videos. */
const SHAPE = { tokens: 27_280, sequences: 8 };
const F16 = { activation: 'f16' } as const;
/** Queries of one branch: 27,280 rows of 3,072 channels. */
const NARROW = 27_280 * 3072 * 2;

const choose = (bytes?: number, device: Parameters<typeof chooseBlockRows>[0] = F16) =>
  chooseBlockRows(device, WAN22_5B, SHAPE, bytes);
const bytesOf = (rows: BlockRows) => blockBytes(F16, WAN22_5B, SHAPE, rows);

describe('rows of a block at once', () => {
  test('are all, where memory is plenty, with the feed-forward in three pieces at most', () => {
    expect(choose()).toEqual(roomyRows(F16, WAN22_5B, SHAPE));
    expect(choose().sequences).toBe(8);
    expect(Math.ceil((8 * 27_280) / choose().feedForward)).toBe(3);
    expect(roomyRows(F16, WAN22_5B, { tokens: 128, sequences: 2 }).feedForward).toBeGreaterThan(256);
  });

  test('are fewer with less memory, as many as stay within it', () => {
    // Of each sequence three tensors as narrow as queries, and a third of the feed-forward: 14336 ÷ 3072 ÷ 3 = 1.56.
    const budgets = [48, 36.6, 36.4, 18.3, 18.2, 9.2, 9.1, 4.6, 4.5, 4].map((count) => count * NARROW);
    const found = budgets.map((bytes) => choose(bytes));
    expect(found.map(({ sequences }) => sequences)).toEqual([8, 8, 4, 4, 2, 2, 1, 1, 1, 1]);
    expect(found.map(({ feedForward }) => Math.ceil(27_280 / feedForward))).toEqual([1, 1, 1, 1, 2, 2, 3, 3, 5, 5]);
    found.forEach((rows, i) => {
      expect(bytesOf(rows)).toBeLessThanOrEqual(budgets[i]!);
    });
    // Below that there is nothing: keys and values of a branch, its queries, and what they read.
    expect(choose(0)).toEqual(choose(4 * NARROW));
    expect(bytesOf(choose(0))).toBe(4 * NARROW);
  });

  test('of the feed-forward begin where a binding may, and never exceed one', () => {
    for (const bindingBytes of [Number.POSITIVE_INFINITY, 2 ** 27, 2 ** 31])
      for (const bytes of [undefined, 16 * NARROW, 0]) {
        const { feedForward } = choose(bytes, { ...F16, bindingBytes });
        expect(feedForward % 64).toBe(0);
        expect(feedForward).toBeGreaterThan(0);
        if (bytes === undefined) expect(feedForward * 14336 * 2).toBeLessThanOrEqual(bindingBytes);
      }
  });
});
