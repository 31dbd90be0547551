import { describe, expect, onTestFinished, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { encodeBf16, encodeF16, readNumbers } from '../../src/gpu/transfer';
import { plantTree } from '../../src/gpu/weight_tree';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { synthSource } from '../../src/pipeline/synth_source';
import type { WeightSource } from '../../src/pipeline/weight_source';
import type { ByteSource } from '../../src/weights/byte_source';
import { joinFiles, openSafetensors } from '../../src/weights/checkpoint';
import { testContext } from '../support/evaluate';
import { type FileTensor, safetensorsSource } from '../support/safetensors_file';
import { synth } from '../support/synth';

// Matrices and small tensors, odd lengths, and one matrix of more than one 4 MiB read.
const SHAPES: Record<string, number[]> = {
  'blocks.0.attn.q.weight': [64, 96],
  'blocks.0.norm1.weight': [33],
  'blocks.0.ffn.gate.0.weight': [1501, 1431],
  'blocks.0.ffn.0.bias': [7],
  'decoder.middle.0.residual.0.gamma': [5, 1, 1, 1],
  'head.head.weight': [3, 5],
};
const TABLE = { name: 'token_embedding.weight', shape: [301, 68] };
const HEAD_DIM = 16;

/** Each is made once: millions of numbers take a while. */
function once<T>(make: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key)!;
  };
}
const expected = once((name) => synth(name, name === TABLE.name ? TABLE.shape : SHAPES[name]!, HEAD_DIM));

const DTYPES = { f32: 'F32', f16: 'F16', bf16: 'BF16' } as const;
type Type = keyof typeof DTYPES;

const ENCODE: Record<Type, (values: Float32Array<ArrayBuffer>) => FileTensor['data']> = {
  f32: (values) => values,
  f16: (values) => Uint16Array.from(values, encodeF16),
  bf16: (values) => Uint16Array.from(values, encodeBf16),
};
/** The synthetic weights in two files, whose data begin at an odd byte. */
const files = once((type) => {
  const tensors = [...Object.entries(SHAPES), [TABLE.name, TABLE.shape] as const].map(([name, shape]) => {
    const data = ENCODE[type as Type](expected(name));
    return [name, { dtype: DTYPES[type as Type], shape, data }] as const;
  });
  return [
    safetensorsSource('a.safetensors', Object.fromEntries(tensors.slice(0, 4)), { odd: 'x' }),
    safetensorsSource('b.safetensors', Object.fromEntries(tensors.slice(4))),
  ];
});
async function checkpoint(type: Type, wrap = (source: ByteSource) => source) {
  return joinFiles(await Promise.all(files(type).map((source) => openSafetensors(wrap(source)))));
}

const SOURCES: [kind: string, open: (type: Type) => Promise<WeightSource>][] = [
  ['synthetic weights', async (type) => synthSource(await testContext(), { type, headDim: HEAD_DIM })],
  ['a checkpoint', async (type) => checkpointSource(await testContext(), await checkpoint(type))],
];
const CASES = SOURCES.flatMap(([kind, open]) =>
  (['f32', 'f16', 'bf16'] as const).map((type) => ({ kind, open, type })),
);

describe.for(CASES)('$kind in $type', ({ open, type }) => {
  test('reach the GPU as they are stored, small tensors as f32', async () => {
    const { memory } = await testContext();
    const source = await open(type);
    const { tensors } = plantTree((ask) => Object.entries(SHAPES).map(([name, shape]) => ask(name, shape)), source);
    expect([...tensors.values()].map((tensor) => tensor.type)).toEqual([type, 'f32', type, 'f32', 'f32', type]);
    await memory.allocate([...tensors.values()]);
    let bytes = 0;
    await source.fill(tensors, { onBytes: (more) => (bytes += more) });
    expect(bytes).toBeGreaterThan(0);
    for (const [name, tensor] of tensors) {
      const values = expected(name);
      // Not toEqual, which takes seconds for four million numbers.
      const difference = (await readNumbers(memory, tensor)).findIndex((value, i) => value !== values[i]);
      expect(difference, name).toBe(-1);
    }
    memory.free([...tensors.values()]);
  });

  test('give single rows of a table, in any order', async () => {
    const { memory } = await testContext();
    const source = await open(type);
    const ids = [300, 0, 17, 18, 17, 200];
    const all = expected(TABLE.name);
    for (const target of [
      externalTensor('rows', [ids.length, 68], type),
      externalTensor('rows', [ids.length, 68], 'f32'),
    ]) {
      await memory.allocate([target]);
      await source.rows(TABLE.name, TABLE.shape, ids, target);
      const rows = await readNumbers(memory, target);
      ids.forEach((id, row) => expect(rows.slice(row * 68, row * 68 + 68)).toEqual(all.slice(id * 68, id * 68 + 68)));
      await expect(source.rows(TABLE.name, TABLE.shape, [0, 301, 1, 2, 3, 4], target)).rejects.toMatchObject({
        code: 'input-invalid',
        message: expect.stringMatching(/301.*which has 301/),
      });
      memory.free([target]);
    }
  });
});

async function allocated(entries: [string, Tensor][]): Promise<Map<string, Tensor>> {
  const { memory } = await testContext();
  const tensors = entries.map(([, tensor]) => tensor);
  await memory.allocate(tensors);
  onTestFinished(() => memory.free(tensors));
  return new Map(entries);
}

describe('a checkpoint', () => {
  test('reads no rows but those asked for, neighbours together', async () => {
    const reads: number[] = [];
    const counted = (source: ByteSource): ByteSource => ({
      ...source,
      read: (begin, end, signal) => {
        reads.push(end - begin);
        return source.read(begin, end, signal);
      },
    });
    const source = checkpointSource(await testContext(), await checkpoint('bf16', counted));
    reads.length = 0;
    const target = externalTensor('rows', [3, 68], 'f32');
    await allocated([['rows', target]]);
    await source.rows(TABLE.name, TABLE.shape, [9, 7, 8], target);
    expect(reads).toEqual([3 * 68 * 2]);
  });

  test('names a tensor that is missing, and both shapes of one that differs', async () => {
    const source = checkpointSource(await testContext(), await checkpoint('f32'));
    const fill = async (name: string, shape: number[]) =>
      source.fill(await allocated([[name, externalTensor(name, shape, 'f32')]]));
    await expect(fill('blocks.1.norm1.weight', [33])).rejects.toMatchObject({
      code: 'weights-missing',
      message: expect.stringContaining('blocks.1.norm1.weight'),
    });
    await expect(fill('blocks.0.norm1.weight', [34])).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringMatching(/blocks\.0\.norm1\.weight.*\[33\].*\[34\]/),
    });
  });

  test('names a stored type that no kernel reads', async () => {
    const file = await openSafetensors(
      safetensorsSource('w', { 'head.head.weight': { dtype: 'F64', shape: [2, 4], data: new Uint8Array(64) } }),
    );
    const source = checkpointSource(await testContext(), joinFiles([file]));
    expect(() => source.typeOf({ name: 'head.head.weight', shape: [2, 4] })).toThrow(
      expect.objectContaining({ code: 'file-invalid', message: expect.stringContaining('F64') }),
    );
  });

  test('stops at the first failure and tells that one', async () => {
    let reads = 0;
    const failing = (source: ByteSource): ByteSource => ({
      ...source,
      read: async (begin, end, signal) => {
        if (end - begin === 2 ** 22 && reads++ === 1) throw new Error('the disk is gone');
        return source.read(begin, end, signal);
      },
    });
    const source = checkpointSource(await testContext(), await checkpoint('f32', failing));
    const name = 'blocks.0.ffn.gate.0.weight';
    const tensors = await allocated([[name, externalTensor(name, SHAPES[name]!, 'f32')]]);
    await expect(source.fill(tensors)).rejects.toThrow('the disk is gone');
  });

  test('stops when told to', async () => {
    const source = checkpointSource(await testContext(), await checkpoint('f32'));
    const name = 'head.head.weight';
    const tensors = await allocated([[name, externalTensor(name, SHAPES[name]!, 'f32')]]);
    await expect(source.fill(tensors, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

test('synthetic weights leave no memory behind', async () => {
  const context = await testContext();
  const tensors = await allocated([['w', externalTensor('w', [64, 64], 'bf16')]]);
  const [bytes, uniforms] = [context.memory.bytes, made.uniformBuffers];
  await synthSource(context, { type: 'bf16' }).fill(tensors);
  expect([context.memory.bytes, made.uniformBuffers]).toEqual([bytes, uniforms + 1]);
});
