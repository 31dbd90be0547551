/** What a command of the command line is, and how it reports a user's mistake. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole text of `--help`. */
  readonly help: string;
  /** Returns the exit status. */
  run(args: readonly string[]): Promise<number>;
}

/** The command line itself is wrong: exit status 2, and where to find help. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>;

/** `--help` is known to every command and handled before this. */
export function parseOptions<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (failure) {
    throw new UsageError((failure as Error).message);
  }
}

export function oneOf<const T extends string>(option: string, value: string, known: readonly T[]): T {
  const found = known.find((choice) => choice === value);
  if (!found) throw new UsageError(`--${option} is ${known.join(' or ')}, not "${value}".`);
  return found;
}

/** '2GiB', '800MiB', '1.5 GB' → bytes. */
export function byteOption(option: string, value: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([KMG])(i?)B$/i.exec(value.trim());
  if (!match) throw new UsageError(`--${option} is a size such as 2GiB or 800MB, not "${value}".`);
  const power = 'KMG'.indexOf(match[2]!.toUpperCase()) + 1;
  const bytes = Math.floor(Number(match[1]) * (match[3] ? 1024 : 1000) ** power);
  if (!Number.isSafeInteger(bytes)) throw new UsageError(`--${option} is ${bytes} bytes, more than can be counted.`);
  return bytes;
}

export function say(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** For what is no result: failures, and remarks beside the lines. */
export function complain(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/**
 * Files and servers choose names, and a name may hold commands to the terminal. Control characters become `\u001b`, which
 * is the same character still in JSON; line ends are ours.
 */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\n]/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
