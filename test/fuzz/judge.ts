/** What may come of an input, whatever it is: a value, or an error that its parser names; soon. */
import { AppError } from '../../src/core/errors';
import { pick, seededRandom } from '../support/mutations';
import type { Parser } from './parsers';

/** Of the processor: other programs on the machine do not count. */
export const MOST_SECONDS = 1;
/** A message is shown to people. */
const MOST_MESSAGE_CHARACTERS = 20_000;

/** Taken by this process so far. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export interface Verdict {
  /** Null: as it should be. */
  readonly trouble: string | null;
  readonly accepted: boolean;
}

export async function judge(parser: Parser, input: Uint8Array): Promise<Verdict> {
  const began = performance.now();
  const verdict = await verdictOf(parser, input);
  if (verdict.trouble !== null || performance.now() - began < MOST_SECONDS * 1000) return verdict;
  // The clock runs on while others have the processor, whose own takes long to read: only now, and once more.
  const before = processorSeconds();
  await verdictOf(parser, input);
  const seconds = processorSeconds() - before;
  if (seconds <= MOST_SECONDS) return verdict;
  return { ...verdict, trouble: `took ${seconds.toFixed(2)} s, at most ${MOST_SECONDS} s are allowed` };
}

async function verdictOf({ parse, codes }: Parser, input: Uint8Array): Promise<Verdict> {
  let accepted = false;
  let trouble: string | null = null;
  try {
    accepted = await parse(input);
  } catch (failure) {
    if (!(failure instanceof AppError)) trouble = `threw ${failure instanceof Error ? failure.stack : failure}`;
    else if (!codes.includes(failure.code)) trouble = `threw ${failure.code}: ${failure.message.slice(0, 300)}`;
    else if (failure.message.length > MOST_MESSAGE_CHARACTERS)
      trouble = `a message of ${failure.message.length} characters: ${failure.message.slice(0, 300)}`;
  }
  return { trouble, accepted };
}

/** Throws for a number that is none, or has no end; `what` is looked through to any depth. */
export function allFinite(what: unknown, path = ''): void {
  if (typeof what === 'number' && !Number.isFinite(what)) throw new Error(`${path} is ${what}`);
  if (typeof what !== 'object' || what === null || ArrayBuffer.isView(what)) return;
  for (const [key, value] of Object.entries(what)) allFinite(value, `${path}.${key}`);
}

/** The input of this number. */
export async function inputOf({ name, makers }: Parser, seed: number, number: number): Promise<Uint8Array> {
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b) ^ name.length);
  return pick(random, await makers())(random);
}
