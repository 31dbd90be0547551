import { beforeAll, describe, expect, test } from 'vitest';
import { made } from '../../src/gpu/bind';
import { type Golden, readGolden } from '../../src/pipeline/golden';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { relL2 } from '../support/gpu';
import { runGolden } from './golden_run';

describe('decoder', () => {
  let golden: Golden;
  beforeAll(async () => {
    golden = await readGolden(goldenFile('tiny-vae-decode'));
  });

  // The goldens' outputs are checked in test/pipeline; these are the values on the way there.
  test.for([true, false])('has the published values at every tap, savings %s', async (savings) => {
    const { taps } = await runGolden(golden, { savings });
    const compared = [...taps].filter(([name]) => golden.taps.has(name));
    expect(compared).toHaveLength(golden.taps.size);
    for (const [name, values] of compared) expect(relL2(values, golden.taps.get(name)!), name).toBeLessThan(1e-5);
  });

  test('makes no buffer, bind group or pipeline for a later chunk', async () => {
    const { memory, pipelines } = await testContext();
    const counts: object[] = [];
    await runGolden(golden, {
      tap: undefined,
      onBlock: () => counts.push({ buffers: memory.created, pipelines: pipelines.created, ...made }),
    });
    expect(counts).toHaveLength(3);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[2]).toEqual(counts[0]);
  });
});
