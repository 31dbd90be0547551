/**
 * What the fuzzers have done so far: docs/results/fuzz.json. `npm run test:fuzz -- --record` adds to it, and
 * test/fuzz/record.unit.test.ts makes the table of docs/reliability.md from it.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';

const FILE = join(ROOT, 'docs/results/fuzz.json');
export const NOTHING_DONE = { minutes: 0, minutesSinceFound: 0, inputs: 0, found: 0, seeds: [] };

export const readRecord = () => (existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : {});

/** At once or not at all: a run may be ended at any time. */
export function writeRecord(record) {
  const aside = `${FILE}.${process.pid}`;
  writeFileSync(aside, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(aside, FILE);
}

/**
 * The record with a part of a run more. `isClean`: the run has found nothing so far; what finds something says nothing of
 * the code that is mended after it.
 */
export function withPart(record, name, seed, { minutes, inputs, found, isClean }) {
  const before = record[name] ?? NOTHING_DONE;
  return {
    ...record,
    [name]: {
      minutes: rounded(before.minutes + minutes),
      minutesSinceFound: isClean ? rounded(before.minutesSinceFound + minutes) : 0,
      inputs: before.inputs + inputs,
      found: before.found + found,
      seeds: [...new Set([...before.seeds, seed])],
    },
  };
}

const rounded = (minutes) => Math.round(minutes * 1000) / 1000;
