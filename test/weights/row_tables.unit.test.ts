import { expect, test } from 'vitest';
import { rowTables, storedBytes } from '../../src/weights/row_tables';
import type { FileTensor } from '../../src/weights/tensor_file';

const MIB = 2 ** 20;
const tensor = (beginByte: number, endByte: number): FileTensor => {
  return { dtype: 'BF16', type: 'bf16', shape: [1], beginByte, endByte };
};
const rest = [...Array(4).keys()].map((i): [string, FileTensor] => [
  `encoder.block.${i}.layer.0.SelfAttention.q.weight`,
  tensor(0, MIB),
]);

test.for(['shared.weight', 'encoder.embed_tokens.weight'])('the embeddings need not be stored, called %s', (name) => {
  const tables = rowTables(new Map([...rest, [name, tensor(MIB + 5, 9 * MIB + 7)]]), 12 * MIB);
  expect(tables).toEqual([{ beginByte: MIB + 5, endByte: 9 * MIB + 7 }]);
  expect(storedBytes(12 * MIB, tables)).toBe(5 * MIB); // blocks that also hold something else stay
});

test('small ones are stored with what is beside them, so that the sum of the file can be checked', () => {
  expect(rowTables(new Map([...rest, ['shared.weight', tensor(MIB + 5, 2 * MIB - 5)]]), 12 * MIB)).toEqual([]);
});

test('a file without a text encoder is stored whole', () => {
  expect(rowTables(new Map([['patch_embedding.weight', tensor(0, 8 * MIB)]]), 8 * MIB)).toEqual([]);
});
