/** A clock may tell 0 s, and a program may write 0 where it knows nothing: then a report divides by it nowhere. */
import { expect, test } from 'vitest';
import { type Json, numbersIn } from '../support/json_numbers';
import { judge } from './judge';
import { PARSERS } from './parsers';
import { REPORTED } from './seeds';

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
