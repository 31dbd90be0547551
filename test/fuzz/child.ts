/** One parser in a process of its own: makes inputs, one after the other, until its time is over. `scripts/fuzz.mjs` watches. */
import { mkdirSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fnv1a } from '../../src/weights/synth_rule';
import { inputOf, judge, processorSeconds } from './judge';
import { PARSERS, type Parser } from './parsers';

/** How often the processor's clock is read: to read it takes longer than many an input. */
const CLOCK_SECONDS = 0.05;

export const names = PARSERS.map(({ name }) => name);

function parserOf(name: string): Parser {
  const found = PARSERS.find((parser) => parser.name === name);
  if (!found) throw new Error(`There is no parser '${name}'. Known: ${names.join(', ')}.`);
  return found;
}

export interface Task {
  readonly name: string;
  readonly seed: number;
  /** Number of the first input. */
  readonly from: number;
  /** Of the processor, from the first input on. */
  readonly seconds: number;
  /** It ends when it found so many. */
  readonly most: number;
  /** File of five f64: 1 once it began, the input that is being read, how many were, how many were taken, seconds of the processor. */
  readonly position: string;
  /** Folder of what was found. */
  readonly found: string;
}

export async function fuzz({ name, seed, from, seconds, most, position, found }: Task): Promise<void> {
  const parser = parserOf(name);
  await parser.makers();
  const file = openSync(position, 'r+');
  const state = Float64Array.of(1, from, 0, 0, 0);
  const bytes = new Uint8Array(state.buffer);
  const began = processorSeconds();
  let lookedAt = performance.now();
  const seen = new Set<string>();
  for (let number = from; state[4]! < seconds && seen.size < most; number++) {
    state[1] = number;
    writeSync(file, bytes, 0, bytes.length, 0);
    const input = await inputOf(parser, seed, number);
    const { trouble, accepted } = await judge(parser, input);
    state[2]!++;
    if (accepted) state[3]!++;
    if (trouble !== null && isNew(seen, trouble)) keep(found, name, number, input, trouble);
    if (performance.now() - lookedAt < CLOCK_SECONDS * 1000) continue;
    lookedAt = performance.now();
    state[4] = processorSeconds() - began;
    await setImmediate(); // what inputs left behind outside of the heap is let go of in a turn of its own
  }
  writeSync(file, bytes, 0, bytes.length, 0);
}

/** By what went wrong and where, without the numbers in it. */
function isNew(seen: Set<string>, trouble: string): boolean {
  const kind = trouble
    .split('\n')
    .slice(0, 3)
    .join('\n')
    .replace(/[\d.]+/g, '0')
    .slice(0, 300);
  const known = seen.has(kind);
  seen.add(kind);
  return !known;
}

/** The input of a number, written down without being read: what crashes a process does so again. */
export async function write(task: Pick<Task, 'name' | 'seed' | 'from' | 'found'>, trouble: string): Promise<void> {
  keep(task.found, task.name, task.from, await inputOf(parserOf(task.name), task.seed, task.from), trouble);
}

function keep(folder: string, name: string, number: number, input: Uint8Array, trouble: string): void {
  const into = join(folder, name);
  mkdirSync(into, { recursive: true });
  const file = `${fnv1a(Buffer.from(input).toString('latin1')).toString(16).padStart(8, '0')}.bin`;
  const isKnown = readdirSync(into).includes(file);
  if (!isKnown) writeFileSync(join(into, file), input);
  console.log(`\n${name}, input ${number}, ${input.length} bytes, ${file}: ${trouble}`);
}
