import { describe, expect, test } from 'vitest';
import { record } from '../../src/gpu/program';
import { planScratch } from '../../src/gpu/scratch';
import { externalTensor } from '../../src/gpu/tensor';
import { matmul } from '../../src/kernels/matmul';
import { directTiles, partDepthOf, tileCandidates } from '../../src/kernels/tile';

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

  test('is the largest, or the smallest where that computes half as much: no third has to be compiled', () => {
    const [large, smallest] = [directTiles(8)[0], directTiles(8).at(-1)];
    expect(chosen(3510, 3072, 8)[0]).toBe(large);
    expect(chosen(17, 3072, 8)[0]).toBe(large);
    expect(chosen(16, 3072, 8)[0]).toBe(smallest);
    expect(chosen(1, 3072, 8)[0]).toBe(smallest);
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

describe('the depth of a product', () => {
  const gpu = { activation: 'f16', matrices: true, workgroupBytes: 49152 } as const;
  const candidates = (
    rows: number,
    columns: number,
    depth: number,
    left: 'f32' | 'f16' = 'f32',
    kernel?: 'matmul' | 'conv',
  ) => tileCandidates(gpu, { rows, columns, depth, left, weight: 'bf16' }, kernel);

  test.for(['f32', 'f16'] as const)('is cut where few rows leave a GPU idle, in %s', (left) => {
    const first = (rows: number, columns: number, depth: number) => candidates(rows, columns, depth, left)[0]!.SPLIT;
    expect([first(16, 3072, 14336), first(64, 3072, 14336)]).toEqual([8, 4]);
    expect([first(16, 3072, 3072), first(64, 3072, 3072), first(16, 3072, 1024)]).toEqual([4, 4, 2]);
    for (const [rows, columns, depth] of [
      [16, 3072, 1020],
      [320, 3072, 14336],
      [64, 14336, 3072],
      [27_280, 3072, 14336],
    ] as const)
      expect(first(rows, columns, depth), `${rows} × ${depth} × ${columns}`).toBeUndefined();
  });

  test('is never cut by a convolution, nor on a software adapter', () => {
    expect(candidates(16, 1024, 27648, 'f16', 'conv').filter(({ SPLIT }) => SPLIT)).toEqual([]);
    const size = { rows: 16, columns: 3072, depth: 14336, left: 'f32', weight: 'bf16' } as const;
    expect(tileCandidates({ ...gpu, software: true }, size).filter(({ SPLIT }) => SPLIT)).toEqual([]);
  });

  test('may be cut by the tuner in three ways more, and in one part too', () => {
    for (const rows of [16, 64, 128]) {
      const offered = candidates(rows, 3072, 14336);
      expect(
        offered
          .map(({ SPLIT = 1 }) => SPLIT)
          .filter((parts) => parts > 1)
          .sort(),
      ).toEqual([2, 4, 8]);
      const { SPLIT: _, ...whole } = offered[0]!;
      expect(offered).toContainEqual(whole);
      expect(new Set(offered.map((tile) => JSON.stringify(tile))).size).toBe(offered.length);
    }
  });

  test('comes in parts of whole rounds, none of them empty', () => {
    for (const depth of [4, 64, 100, 1028, 3072])
      for (const SPLIT of [1, 2, 4, 8]) {
        const part = partDepthOf({ BK: 16, SPLIT }, depth);
        const parts = Math.ceil(depth / part);
        expect(parts).toBeLessThanOrEqual(SPLIT);
        expect(part === depth || part % 16 === 0, `${depth} in ${SPLIT}`).toBe(true);
      }
    expect(partDepthOf({ BM: 16, BN: 32 }, 100)).toBe(100);
  });

  test('in parts is the same work, and takes memory for their sums until they are added', () => {
    const [rows, columns, depth] = [16, 3072, 14336];
    const x = externalTensor('x', [rows, depth], 'f16');
    const weights = ['w', 'v'].map((name) => externalTensor(name, [columns, depth], 'bf16'));
    const { program } = record('products', gpu, (r) => {
      for (const weight of weights) matmul(r, x, weight, { label: 'y', type: 'f32' });
    });
    const sumsBytes = 8 * rows * columns * 4;
    const resultBytes = rows * columns * 4;
    const operandBytes = (rows + columns) * depth * 2;
    expect(program.cost.flops).toBe(2 * 2 * rows * columns * depth);
    expect(program.cost.bytes).toBe(2 * (operandBytes + 2 * sumsBytes + resultBytes));
    expect(planScratch(program).slotBytes).toEqual([sumsBytes, resultBytes]);
  });
});
