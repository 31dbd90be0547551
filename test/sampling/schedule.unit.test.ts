import { describe, expect, test } from 'vitest';
import { createFewStepSchedule, createSchedule, FEW_STEPS } from '../../src/sampling/schedule';
import { readGolden } from '../support/golden';

test.for([
  ['scheduler-unipc-8', 'unipc', 8],
  ['scheduler-unipc-50', 'unipc', 50],
  ['scheduler-dpmpp-8', 'dpm++', 8],
] as const)('equals the published schedule of %s', ([file, kind, steps]) => {
  const golden = readGolden(file);
  const { sigmas, timesteps } = createSchedule(kind, steps, 5);
  expect(timesteps).toEqual([...golden.values('out.timesteps')]);
  expect(sigmas).toEqual([...golden.values('out.sigmas')]);
});

test('hands Euler the timesteps untruncated', () => {
  expect(createSchedule('euler', 4, 5).timesteps).toEqual([1000, 937.5, 833.3333333333334, 625]);
});

test('knows the timesteps of few-step checkpoints', () => {
  expect(createFewStepSchedule(FEW_STEPS.fastwan)).toEqual({
    sigmas: [1, Math.fround(0.757), Math.fround(0.522), 0],
    timesteps: [1000, 757, 522],
  });
  expect(createFewStepSchedule(FEW_STEPS.turbo)).toEqual(createSchedule('euler', 4, 5));
});

describe('refuses', () => {
  test.for([0, 2.5, -1, 1001, Number.NaN])('%d steps', (steps) => {
    expect(() => createSchedule('unipc', steps, 5)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
  test.for([0, -3, Number.NaN, Number.POSITIVE_INFINITY, 1e12])('a shift of %d', (shift) => {
    expect(() => createSchedule('unipc', 50, shift)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
  test.for([[[]], [[500, 500]], [[500, 600]], [[1001]], [[500, 0]], [[Number.NaN]]])('timesteps %j', ([timesteps]) => {
    expect(() => createFewStepSchedule(timesteps!)).toThrow(expect.objectContaining({ code: 'input-invalid' }));
  });
});
