import { expect, test } from 'vitest';
import { unroll } from '../../src/kernels/unroll';

test('a marked loop is written out, inner loops and steps too, and constants may be made of others', () => {
  const code = [
    'const A: u32 = 4;',
    'const B = (A + 2) / 3 * 2;',
    'fn f() {',
    '  for (var i = 0u; i < A / 2; i++) { // unroll',
    '    for (var k = 0u; k < B; k += 2) { // unroll',
    '      x[i * 8 + k] = index(i);',
    '    }',
    '  }',
    '}',
  ].join('\n');
  const lines = unroll(code).match(/x\[.*/g);
  expect(lines).toEqual([
    'x[0u * 8 + 0u] = index(0u);',
    'x[0u * 8 + 2u] = index(0u);',
    'x[1u * 8 + 0u] = index(1u);',
    'x[1u * 8 + 2u] = index(1u);',
  ]);
});

test('a loop without the mark stays', () => {
  const code = 'for (var i = 0u; i < 4; i++) {\n  x += i;\n}';
  expect(unroll(code)).toBe(code);
});

test('a bound that is no constant is refused by name', () => {
  expect(() => unroll('for (var i = 0u; i < params.rows; i++) { // unroll\n}\n')).toThrow(/"params.rows", and params/);
});

test('a marked array becomes a variable for each element', () => {
  const code = [
    'const N: u32 = 2;',
    'fn f() {',
    '  var sums: array<vec4<f16>, N * 2>; // unroll',
    '  for (var i = 0u; i < N; i++) { // unroll',
    '    sums[i * N + 1] = sums[0] + others[i];',
    '  }',
    '}',
    '',
  ].join('\n');
  const written = unroll(code);
  expect(written.match(/var sums_\d: vec4<f16>;/g)).toHaveLength(4);
  expect(written.match(/sums_.* = .*/g)).toEqual(['sums_1 = sums_0 + others[0u];', 'sums_3 = sums_0 + others[1u];']);
});
