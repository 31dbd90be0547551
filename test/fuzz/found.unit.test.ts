/** Inputs that a parser once failed at, and two hundred new ones of each, always the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inputOf, judge } from './judge';
import { LARGE_INPUTS } from './large_inputs';
import { PARSERS } from './parsers';

const FOUND = new URL('found/', import.meta.url);
const INPUTS = 200;
const SEED = 1;
/** Of a kept one: larger ones say no more. */
const MOST_BYTES = 20_000;

test('every kept input is of a parser that is listed', () => {
  const names: readonly string[] = PARSERS.map(({ name }) => name);
  const folders = existsSync(FOUND) ? readdirSync(FOUND) : [];
  expect(folders.filter((name) => !names.includes(name))).toEqual([]);
});

describe.for(PARSERS)('$name', (parser) => {
  const folder = new URL(`${parser.name}/`, FOUND);
  const files = existsSync(folder) ? readdirSync(folder) : [];

  test.for(files)('is done with %s', async (file) => {
    const input = Uint8Array.from(readFileSync(new URL(file, folder)));
    expect(input.length).toBeLessThan(MOST_BYTES);
    expect((await judge(parser, input)).trouble).toBe(null);
  });

  test.for(LARGE_INPUTS.filter((each) => each.parser === parser.name))('is done with one $what', async ({ make }) => {
    expect((await judge(parser, await make())).trouble).toBe(null);
  });

  const { inputs = INPUTS } = parser;
  test(`is done with ${inputs} damaged inputs`, async () => {
    let taken = 0;
    for (let number = 0; number < inputs; number++) {
      const { trouble, accepted } = await judge(parser, await inputOf(parser, SEED, number));
      if (trouble !== null) throw new Error(`input ${number}: ${trouble}`);
      if (accepted) taken++;
    }
    // The damage kills neither all nor none.
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(inputs);
  });
});
