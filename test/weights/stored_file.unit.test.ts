import { expect, test } from 'vitest';
import { inTurn } from '../../src/weights/stored_file';

test('handles are all closed, also where some fail, and the first failure is told last', () => {
  const closed: string[] = [];
  const close = (name: string, fails: boolean) => () => {
    closed.push(name);
    if (fails) throw new Error(name);
  };
  expect(() => inTurn(close('a', false), close('b', true), close('c', true), close('d', false))).toThrow('b');
  expect(closed).toEqual(['a', 'b', 'c', 'd']);
  expect(() => inTurn(close('e', false))).not.toThrow();
});
