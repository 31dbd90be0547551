import { describe, expect, test } from 'vitest';
import { directTiles, tileCandidates } from '../../src/kernels/tile';

const chosen = (rows: number, columns: number, lanes?: number) =>
  tileCandidates(
    { activation: 'f32', software: true, lanes },
    { rows, columns, depth: 64, left: 'f32', weight: 'f32' },
  );

describe('the tile of a software adapter', () => {
  test.for([4, 8])('is of whole subgroups of %i, and each has columns to fetch', (lanes) => {
    for (const { BM, BN, ROWS, SHARE } of directTiles(lanes)) {
      expect([SHARE, BM / ROWS, BN % SHARE, BN % 4]).toEqual([lanes, lanes, 0, 0]);
      expect(ROWS * BN).toBeLessThanOrEqual(128);
    }
  });

  test('shares nothing where subgroups are missing or of another size', () => {
    for (const lanes of [undefined, 32]) expect(chosen(64, 64, lanes)[0]).toMatchObject({ SHARE: 1 });
  });

  test('is the one whose last row and column of tiles are not all but empty', () => {
    const [large, half, narrow] = directTiles(8);
    expect(chosen(3510, 3072, 8)[0]).toBe(large);
    expect(chosen(16, 3072, 8)[0]).toBe(half);
    expect(chosen(3510, 12, 8)[0]).toBe(narrow);
  });

  test('is offered once, the chosen one first', () => {
    expect(new Set(chosen(16, 3072, 8))).toEqual(new Set(directTiles(8)));
    expect(chosen(16, 3072, 8)).toHaveLength(directTiles(8).length);
  });
});

describe('the tile of a GPU with matrix units', () => {
  const first = (rows: number, columns: number, workgroupBytes = 49152) =>
    tileCandidates(
      { activation: 'f16', matrices: true, workgroupBytes },
      { rows, columns, depth: 3072, left: 'f16', weight: 'bf16' },
    )[0];

  test('is the largest that still gives most of the GPU one, as an H100’s tuning found', () => {
    expect(first(27_280, 3072)).toMatchObject({ BM: 128, BN: 256 });
    expect(first(320, 3072)).toMatchObject({ BM: 64, BN: 64 });
    expect(first(64, 3072)).toMatchObject({ BM: 32, BN: 64 });
    expect(first(904_450, 12)).toMatchObject({ BM: 64, BN: 64 });
  });

  test('fits into the workgroup memory that there is', () => {
    expect(first(27_280, 3072, 32768)).toMatchObject({ BM: 128, BN: 128, BK: 16 });
  });
});
