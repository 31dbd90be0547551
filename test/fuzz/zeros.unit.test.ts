/** A clock may tell 0 s, and a program may write 0 where it knows nothing: then a report divides by it nowhere. */
import { expect, test } from 'vitest';
import { judge } from './judge';
import { PARSERS } from './parsers';
import { REPORTED } from './seeds';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How to set each number to another, and back; of a list's entries the first two. */
function* numbersIn(holder: Json, path = ''): Generator<{ path: string; set: (value: number) => void; was: number }> {
  if (typeof holder !== 'object' || holder === null) return;
  const entries: Record<string, Json> = holder as Record<string, Json>;
  for (const [key, value] of Object.entries(entries)) {
    if (Array.isArray(holder) && Number(key) > 1) return;
    if (typeof value === 'number')
      yield {
        path: `${path}.${key}`,
        was: value,
        set: (other) => {
          entries[key] = other;
        },
      };
    else yield* numbersIn(value, `${path}.${key}`);
  }
}

const report = PARSERS.find(({ name }) => name === 'report')!;
const encoder = new TextEncoder();

test.for(REPORTED.map((text, index) => ({ text, index })))(
  'with 0 for any number of file $index a report says numbers',
  async ({ text }) => {
    const holder: Json = JSON.parse(text);
    let taken = 0;
    for (const { path, set, was } of numbersIn(holder)) {
      set(0);
      const { trouble, accepted } = await judge(report, encoder.encode(JSON.stringify(holder)));
      expect(trouble, path).toBe(null);
      if (accepted) taken++;
      set(was);
    }
    expect(taken).toBeGreaterThan(5);
  },
);
