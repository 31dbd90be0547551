/** How weights get to the GPU for products of 8-bit numbers; how far these are from the published numbers, goldens_rounded.test.ts says. */
import { describe, expect, test } from 'vitest';
import { readNumbers } from '../../src/gpu/transfer';
import { type Ask, plantTiles, plantTree, type Storing } from '../../src/gpu/weight_tree';
import { sourceFor, storedFor } from '../../src/pipeline/int8_source';
import { synthSource } from '../../src/pipeline/synth_source';
import { testContext } from '../support/evaluate';
import { relL2 } from '../support/gpu';
import { synth } from '../support/synth';

describe('products of 8-bit numbers', () => {
  test('round weights as they are loaded: whole, and a few rows at a time', async () => {
    const context = await testContext();
    const { memory } = context;
    // More than one piece as stored, and one that is small.
    const shapes = { 'blocks.0.ffn.0.weight': [1100, 2048], 'blocks.1.self_attn.q.weight': [36, 96] };
    const source = sourceFor(context, synthSource(context, { type: 'bf16' }), 'int8');
    const ask = (each: Ask) => Object.entries(shapes).map(([name, shape]) => each(name, shape));
    const whole = plantTree(ask, source);
    const cut = plantTiles(ask, source, Number.POSITIVE_INFINITY, 1);
    const tensors = [...whole.tensors.values(), ...cut.tiles.map(({ tensor }) => tensor)];
    expect(new Set(tensors.map(({ type }) => type))).toEqual(new Set(['q8_0']));
    await memory.allocate(tensors);
    await source.fill(whole.tensors);
    const pieces = cut.tiles.flatMap((tile) => source.pieces(tile));
    expect(pieces.length).toBe(3);
    await Promise.all(pieces.map((piece) => piece.bring(undefined)));
    for (const [name, tensor] of whole.tensors) {
      const values = await readNumbers(memory, tensor);
      expect(relL2(values, synth(name, tensor.shape))).toBeLessThan(1e-2);
      for (const tile of cut.tiles.filter((each) => each.name === name)) {
        const depth = tensor.shape[1]!;
        const rows = values.subarray(tile.start * depth, (tile.start + tile.rows) * depth);
        expect(relL2(await readNumbers(memory, tile.tensor), rows)).toBe(0);
      }
    }
    memory.free(tensors);
    expect(memory.bytes).toBe(0);
  });

  test('round the blocks’ matrices and nothing else', () => {
    const bf16: Storing = { typeOf: () => 'bf16' };
    const typeOf = (name: string, shape: number[]) => storedFor(bf16, 'int8').typeOf({ name, shape });
    expect(typeOf('blocks.3.ffn.0.weight', [14336, 3072])).toBe('q8_0');
    expect(typeOf('blocks.3.ffn.0.weight', [64, 48])).toBe('bf16');
    expect(typeOf('blocks.3.ffn.0.weight adapter up', [64, 32])).toBe('bf16');
    expect(typeOf('time_embedding.0.weight', [3072, 256])).toBe('bf16');
    expect(storedFor(bf16, 'exact').typeOf({ name: 'blocks.0.ffn.0.weight', shape: [64, 64] })).toBe('bf16');
  });
});
