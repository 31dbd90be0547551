import { expect, test } from 'vitest';
import { frameAt } from '../../src/app/state/side_by_side';

test('the local frame follows the server’s video, and loops with it', () => {
  const frames = Array.from({ length: 34 }, (_, i) => frameAt(i / 24, 24, 17));
  expect(frames).toEqual([...Array(17).keys(), ...Array(17).keys()]);
  expect([frameAt(0.99 / 24, 24, 17), frameAt(1.01 / 24, 24, 17), frameAt(5, 24, 1)]).toEqual([0, 1, 0]);
});
