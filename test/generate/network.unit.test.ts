import { expect, test } from 'vitest';
import { isWan22 } from '../../src/generate/generate';
import { WAN22_SIZES } from '../../src/pipeline/expected_tensors';
import { WAN22_MOMENTS } from '../../src/vae/config';

test('only a model of the published sizes is the work that others publish', () => {
  const published = { ...WAN22_SIZES, moments: WAN22_MOMENTS };
  expect(isWan22(published)).toBe(true);
  expect(isWan22({ ...published, dit: { ...published.dit, num_layers: 29 } })).toBe(false);
  expect(isWan22({ ...published, vae: { ...published.vae, dim_mult: [1, 2, 4] } })).toBe(false);
});
