/** The command line: finds the command, runs it, and turns whatever happens into an exit status. */
import { setMaxListeners } from 'node:events';
import { inspect as written } from 'node:util';
import { AppError } from '../core/errors';
import { adapters } from './adapters';
import { bench } from './bench';
import { type Command, complain, say, UsageError } from './command';
import { compare } from './compare';
import { generate } from './generate';
import { hub } from './hub';
import { inspect } from './inspect';
import { kernels } from './kernels';
import { tune } from './tune';
import { verify } from './verify';

const COMMANDS: Readonly<Record<string, Command>> = {
  adapters,
  bench,
  compare,
  generate,
  hub,
  inspect,
  kernels,
  tune,
  verify,
};

const HELP = `wanscope: Wan2.2 TI2V-5B on WebGPU, measured

Usage: wanscope COMMAND [OPTIONS]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
  .join('\n')}

wanscope COMMAND --help tells the options of a command.
WANSCOPE_TIER=B leaves matrix units unused, C also half precision and subgroups.
WANSCOPE_DAWN=plain sets no switch of Dawn's, unchecked also those that drop its checks of every index.`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    say(HELP);
    return 0;
  }
  if (name === undefined) throw new UsageError('No command was given.');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new UsageError(`There is no command "${name}".`);
  if (args.includes('--help') || args.includes('-h')) {
    say(command.help);
    return 0;
  }
  return command.run(args);
}

/** A user's mistake or a known failure is one message; anything else is our bug and shows where. */
function report(failure: unknown, command: string | undefined): number {
  if (failure instanceof UsageError) {
    const help = command && Object.hasOwn(COMMANDS, command) ? `wanscope ${command} --help` : 'wanscope --help';
    complain(`${failure.message}\nSee: ${help}`);
    return 2;
  }
  complain(failure instanceof AppError ? failure.message : written(failure));
  return 1;
}

// One signal stops dozens of reads at once, which Node would take for a leak and say so from the eleventh on.
setMaxListeners(0);

// `wanscope … | head` closes the pipe early; that is no failure.
process.stdout.on('error', (failure: NodeJS.ErrnoException) => process.exit(failure.code === 'EPIPE' ? 0 : 1));

const args = process.argv.slice(2);
const status = await main(args).catch((failure) => report(failure, args[0]));
// Dawn's threads keep the process alive, so it must be ended; first everything written must be out.
process.stdout.write('', () => process.exit(status));
