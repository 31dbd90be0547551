import { describe, expect, test } from 'vitest';
import { ditBlockWeights } from '../../src/dit/block';
import { WAN22_5B } from '../../src/dit/config';
import { tensorBytes } from '../../src/gpu/tensor';
import { besidesWeights, recordDenoiser } from '../../src/pipeline/denoiser_programs';
import { planWeights } from '../../src/pipeline/weight_plan';
import type { WeightType } from '../../src/weights/weight_types';

const MIB = 2 ** 20;
const SHAPE = { grid: { frames: 2, height: 8, width: 8 }, promptTokens: [32, 128], fixedTokens: 0, steps: 4 };
const SETTINGS = { activation: 'f32', software: false } as const;

/** Like many files: the blocks in few bits, what is around them in 16. */
const typeOf = (blocks: WeightType) => ({
  typeOf: ({ name }: { name: string }): WeightType =>
    name.startsWith('blocks.') && !name.includes('modulation') ? blocks : 'f16',
});

function plan(type: WeightType, memoryBytes: number | undefined) {
  const options = { savings: true, residency: 'stream' } as const;
  const recorded = recordDenoiser(SETTINGS, typeOf(type), WAN22_5B, SHAPE, options);
  const { planted, programs, prompt, time } = recorded;
  const besidesBytes = besidesWeights(recorded);
  const planned = planWeights(planted, programs, [prompt, [time.program]], besidesBytes, {
    residency: 'stream',
    memoryBytes,
  });
  const total = besidesBytes + planned.smallBytes + planned.residentBytes + planned.slotBytes * planned.slotCount;
  return { ...planned, total, tiles: planted.tiles };
}

describe.for<WeightType>(['q4_k', 'q2_k', 'q8_0', 'bf16', 'f32'])('weights in %s', (type) => {
  test.for([512, 768, 1024, 4096])('are placed within %i MiB, and what is left of them is kept', (mib) => {
    const { total, resident, streamed, tiles, slotBytes } = plan(type, mib * MIB);
    expect(total).toBeLessThanOrEqual(mib * MIB);
    expect(Math.max(...tiles.map(({ tensor }) => tensorBytes(tensor)))).toBeLessThanOrEqual(
      Math.max(slotBytes, 33 * MIB),
    );
    // Where not all fits, no more than a tile or two of the memory is left unused.
    if (streamed.length > 0) expect(total).toBeGreaterThan((mib - 70) * MIB);
    else expect(resident.length).toBeGreaterThan(0);
  });
});

test('streaming without a bound keeps nothing, and takes no more than the slots', () => {
  const { residentBytes, slotBytes, slotCount } = plan('bf16', undefined);
  expect(residentBytes).toBe(0);
  expect(slotBytes * slotCount).toBeLessThanOrEqual(400 * MIB);
});

test('a block has the matrices that are planned for', () => {
  const names: string[] = [];
  ditBlockWeights(
    (name, shape) => {
      names.push(name);
      return { storage: { label: name, bytes: 0, scratch: false }, shape, type: 'f32', offsetBytes: 0 };
    },
    WAN22_5B,
    0,
  );
  const planned = new Set(plan('bf16', undefined).tiles.map(({ name }) => name));
  expect(names.filter((name) => planned.has(name)).sort()).toEqual(
    names.filter((name) => /\.(q|k|v|o|0|2)\.weight$/.test(name)).sort(),
  );
});
