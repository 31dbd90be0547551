/** The record of the fuzzers: sums are sums, a find begins the count anew, and docs/reliability.md has it as it is (`-u` rewrites). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRecord, withPart } from '../../scripts/fuzz_record.mjs';
import { PARSERS } from './parsers';
import { withRecord } from './record_page';

const page = new URL('../../docs/reliability.md', import.meta.url);
const names = PARSERS.map(({ name }) => name);

test('parts of runs are summed, and a find begins the minutes anew', () => {
  const clean = { minutes: 5, inputs: 100, found: 0, isClean: true };
  const twice = withPart(withPart({}, 'png', 7, clean), 'png', 7, clean);
  expect(twice).toEqual({ png: { minutes: 10, minutesSinceFound: 10, inputs: 200, found: 0, seeds: [7] } });
  const found = withPart(twice, 'png', 8, { ...clean, found: 2, isClean: false });
  expect(found.png).toEqual({ minutes: 15, minutesSinceFound: 0, inputs: 300, found: 2, seeds: [7, 8] });
  // The code is the same to the end of that run, though this part of it found nothing more.
  expect(withPart(found, 'png', 8, { ...clean, isClean: false }).png?.minutesSinceFound).toBe(0);
  expect(withPart(found, 'png', 9, clean).png?.minutesSinceFound).toBe(5);
  expect(withPart(found, 'gguf', 9, clean).png).toEqual(found.png);
});

test('the record is of parsers that are there, in numbers that go together', () => {
  const record = Object.entries(readRecord());
  expect(record.length).toBeGreaterThan(0);
  for (const [name, { minutes, minutesSinceFound, inputs, found, seeds }] of record) {
    expect(names).toContain(name);
    expect(minutes, name).toBeGreaterThanOrEqual(minutesSinceFound);
    expect(minutesSinceFound, name).toBeGreaterThanOrEqual(0);
    if (found === 0) expect(minutesSinceFound, name).toBe(minutes);
    for (const count of [inputs, found, ...seeds]) expect(count, name).toSatisfy(Number.isSafeInteger);
    expect(new Set(seeds).size, name).toBe(seeds.length);
    expect(seeds.length, name).toBeGreaterThan(0);
  }
});

test('docs/reliability.md has the record as it is', async () => {
  const written = withRecord(readFileSync(page, 'utf8'), readRecord(), names);
  await expect(written).toMatchFileSnapshot(page.pathname);
});
