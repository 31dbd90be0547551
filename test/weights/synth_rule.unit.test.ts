import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fnv1a, synthRule, synthValues } from '../../src/weights/synth_rule';

interface Published {
  readonly fnv1a: Record<string, number>;
  readonly tensors: {
    name: string;
    shape: number[];
    head_dim: number | null;
    kind: string;
    exponent: number;
    first8: number[];
    last4: number[];
  }[];
}
const published = JSON.parse(readFileSync(new URL('../golden/synth-v1.json', import.meta.url), 'utf8')) as Published;

test('hashes names as FNV-1a', () => {
  for (const [name, hash] of Object.entries(published.fnv1a)) expect(fnv1a(name)).toBe(hash);
});

describe.for(published.tensors)('$name $shape', ({ name, shape, head_dim, kind, exponent, first8, last4 }) => {
  const rule = synthRule(name, shape, head_dim ?? undefined);

  test('has the published rule', () => {
    expect(rule.kind).toBe(kind);
    if (kind === 'uniform') expect(rule.exponent).toBe(exponent);
  });

  test('begins and ends with the published values', () => {
    const count = shape.reduce((product, size) => product * size, 1);
    expect([...synthValues(rule, 0, first8.length)]).toEqual(first8);
    expect([...synthValues(rule, count - last4.length, last4.length)]).toEqual(last4);
  });
});

test('refuses the query weights of T5 without the width of a head', () => {
  expect(() => synthRule('blocks.0.attn.q.weight', [64, 96])).toThrow('width of a head');
});
