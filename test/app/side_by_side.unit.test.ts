import { expect, test } from 'vitest';
import { frameAt } from '../../src/app/state/side_by_side';

test('the local frame follows the server’s video from its beginning to its end, however fast that plays', () => {
  for (const framesPerSecond of [8, 24]) {
    const length = 17 / framesPerSecond;
    const seen = Array.from({ length: 17 }, (_, i) => frameAt(i / framesPerSecond, length, 17));
    expect(seen).toEqual([...Array(17).keys()]);
    expect([frameAt(length, length, 17), frameAt(0.99 / framesPerSecond, length, 17)]).toEqual([16, 0]);
  }
  expect([frameAt(0, 0, 17), frameAt(5, Number.NaN, 17), frameAt(0.5, 1, 1)]).toEqual([0, 0, 0]);
});
