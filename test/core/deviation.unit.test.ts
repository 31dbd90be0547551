import { expect, test } from 'vitest';
import { deviation, INFINITELY_FAR } from '../../src/core/deviation';

test('measures the difference against what is expected', () => {
  expect(deviation([3, 4.5], [3, 4])).toEqual({ relL2: 0.1, maxAbs: 0.5 });
  expect(deviation([], [])).toEqual({ relL2: 0, maxAbs: 0 });
  expect(deviation([0, 0], [0, 0])).toEqual({ relL2: 0, maxAbs: 0 });
});

test.for([
  ['NaN', [1, Number.NaN]],
  ['all NaN', [Number.NaN, Number.NaN]],
  ['infinity', [1, Number.NEGATIVE_INFINITY]],
  ['too few numbers', [1]],
  ['too many', [1, 2, 3]],
] as const)('%s is infinitely far', ([, actual]) => {
  expect(deviation(actual, [1, 2])).toEqual(INFINITELY_FAR);
});

test('anything is infinitely far from zero, but zero', () => {
  expect(deviation([1e-30], [0]).relL2).toBe(Number.POSITIVE_INFINITY);
});
