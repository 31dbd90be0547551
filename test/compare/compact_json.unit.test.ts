import { expect, test } from 'vitest';
import { compact, expand, type Json } from '../../src/compare/compact_json';
import { seededRandom } from '../support/mutations';

const DICTIONARY = ['seconds', 'kind', '__proto__'];
const there = (value: Json) => compact(value, DICTIONARY);
const andBack = (value: Json) => expand(JSON.parse(JSON.stringify(there(value))), DICTIONARY);

test('words of the dictionary become their number, rows their columns, times the steps between them', () => {
  expect(there({ kind: 'seconds', other: 'kind ' })).toEqual({ '~1': '~0', other: 'kind ' });
  expect(
    there([
      { seconds: 1, a: 'x' },
      { seconds: 2, a: 'y' },
    ]),
  ).toEqual({ '~R': { '~0': [1, 2], a: ['x', 'y'] } });
  expect(there([100.25, 100.5, 100.75, 101])).toEqual({ '~D': [2, 10025, 25, 25, 25] });
});

test('numbers that have no decimals in common are left as they are', () => {
  const numbers = [0.1 + 0.2, 1 / 3, 1e-12, 5e300];
  expect(there(numbers)).toEqual(numbers);
});

test('all comes back exactly, whatever it is called', () => {
  const awkward: Json[] = [
    { '~0': '~1', '~~': '~~~', '~R': { a: [1] }, '~D': [1, 2, 3], '': '' },
    JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": 1}}'),
    [{}, {}, {}],
    [{ a: 1 }, { a: 1, b: 2 }, { b: 2, a: 1 }],
    [{ 'a,b': 1 }, { a: 1, b: 2 }],
    [[{ seconds: [1, 2, 3, 4] }, { seconds: [5, 6, 7, 8] }], null, [], [null, null]],
    [1, 2, '3', 4, 5],
    [-5.5, 0, 5.5, 11, 1e6],
    'ünïcödé 界 \u2028 </script>',
  ];
  for (const value of awkward) expect(JSON.stringify(andBack(value))).toBe(JSON.stringify(value));
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('numbers of every size and precision come back exactly', () => {
  const random = seededRandom(3);
  for (let i = 0; i < 2000; i++) {
    const digits = 1 + random(17);
    const scale = 10 ** (random(24) - 8);
    const values = Array.from({ length: 4 + random(8) }, () =>
      Number(((random(2e9) - 1e9) * scale).toPrecision(digits)),
    );
    expect(andBack(values)).toEqual(values.map((each) => each + 0));
  }
});

test.for([
  ['a word beyond the dictionary', '~zz'],
  ['columns of unequal length', { '~R': { a: [1, 2], b: [1] } }],
  ['columns that are no lists', { '~R': { a: 1 } }],
  ['no columns', { '~R': {} }],
  ['steps that are no numbers', { '~D': [0, 'x'] }],
  ['too many decimals', { '~D': [400, 1] }],
  ['nesting without an end', Array.from({ length: 100 }).reduce<Json>((inner) => [inner], 0)],
] as [string, Json][])('%s are refused', ([, value]) => {
  expect(() => expand(value, DICTIONARY)).toThrow();
});
