import { expect, test } from 'vitest';
import { blockMatrix, readBlockRows } from '../../src/weights/block_matrix';
import { joinFiles, openTensorFile, type StoredTensor } from '../../src/weights/checkpoint';
import { decodeWeights } from '../../src/weights/weight_types';
import { bf16Bits } from '../support/evaluate';
import { type FileTensor, safetensorsSource } from '../support/safetensors_file';

const counting = (from: number, count: number) => Float32Array.from({ length: count }, (_, i) => from + i);

async function stored(tensors: Record<string, FileTensor>): Promise<StoredTensor[]> {
  const { unmapped } = joinFiles([await openTensorFile(safetensorsSource('a', tensors))]);
  return Object.keys(tensors).map((name) => unmapped.find((tensor) => tensor.name === name)!);
}

test('blocks side by side and below each other, with zeros where there is none, in f32 where types differ', async () => {
  const [wide, tall] = await stored({
    wide: { dtype: 'BF16', shape: [2, 3], data: bf16Bits(counting(1, 6)) },
    tall: { dtype: 'F32', shape: [3, 1, 1], data: counting(7, 3) },
  });
  const matrix = blockMatrix(4, 6, [
    { row: 0, column: 0, rows: 2, columns: 3, content: wide! },
    { row: 1, column: 4, rows: 3, columns: 1, content: tall! },
    { row: 2, column: 1, rows: 2, columns: 2, content: 'identity' },
  ]);
  expect(matrix.type).toBe('f32');
  const whole = [
    [1, 2, 3, 0, 0, 0],
    [4, 5, 6, 0, 7, 0],
    [0, 1, 0, 0, 8, 0],
    [0, 0, 1, 0, 9, 0],
  ];
  for (let start = 0; start < 4; start++)
    for (let count = 1; start + count <= 4; count++) {
      const bytes = await readBlockRows(matrix, start, count);
      expect([...decodeWeights('f32', bytes)]).toEqual(whole.slice(start, start + count).flat());
    }
});

test('one type stays as it is stored', async () => {
  const [block] = await stored({ block: { dtype: 'BF16', shape: [2, 2], data: bf16Bits(counting(1, 4)) } });
  const matrix = blockMatrix(2, 4, [
    { row: 0, column: 0, rows: 2, columns: 2, content: block! },
    { row: 0, column: 2, rows: 2, columns: 2, content: block! },
  ]);
  expect(matrix.type).toBe('bf16');
  expect([...decodeWeights('bf16', await readBlockRows(matrix, 1, 1))]).toEqual([3, 4, 3, 4]);
});
