import { beforeAll, describe, expect, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import type { Golden } from '../../src/pipeline/golden';
import { testContext } from '../support/evaluate';
import { relL2 } from '../support/gpu';
import { goldenFile, runGolden } from './golden_run';

/** What the golden file allows half-precision arithmetic. */
const F16_TOLERANCE = 1e-2;

describe('decoder', () => {
  let golden: Golden;
  beforeAll(async () => {
    golden = await goldenFile('tiny-vae-decode');
  });

  test.for([true, false])('gives the published values at every tap, savings %s', async (savings) => {
    const { outputs, taps } = await runGolden(golden, { savings, tapped: true });
    // In the network's order, so that the first to differ is the one named.
    const compared = [...taps].filter(([name]) => golden.taps.has(name));
    expect(compared).toHaveLength(golden.taps.size);
    for (const [name, values] of compared)
      expect(relL2(values, golden.taps.get(name)!), name).toBeLessThan(golden.rtol);
    expect(relL2(outputs.get('out.frames')!, golden.outputs.get('out.frames')!)).toBeLessThan(golden.rtol);
  });

  test.for(['f32', 'f16'] as const)('takes weights stored as %s', async (type) => {
    const { outputs } = await runGolden(golden, { type });
    expect(relL2(outputs.get('out.frames')!, golden.outputs.get('out.frames')!)).toBeLessThan(golden.rtol);
  });

  test('stays close with half-precision activations where the adapter has them', async (context) => {
    const { device } = await testContext();
    if (!device.device.features.has('shader-f16')) return context.skip();
    const { outputs } = await runGolden(golden, { activation: 'f16' });
    expect(relL2(outputs.get('out.frames')!, golden.outputs.get('out.frames')!)).toBeLessThan(F16_TOLERANCE);
  });

  test('makes no buffer, bind group or pipeline for a later chunk', async () => {
    const { memory, pipelines } = await testContext();
    const counts: object[] = [];
    await runGolden(golden, {
      onBlock: () => counts.push({ buffers: memory.created, pipelines: pipelines.created, ...made }),
    });
    expect(counts).toHaveLength(3);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });
});
