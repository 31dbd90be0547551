/** `hub`: a model hub on this machine, for tests: full-size checkpoints of synthetic weights, and faults on demand. */
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { AppError } from '../core/errors';
import { parseFaults } from '../hub/faults';
import type { HubFile } from '../hub/hub_file';
import { REPOSITORIES, type Repository, repository } from '../hub/repositories';
import { startHub } from '../hub/server';
import { type Command, parseOptions, say, UsageError } from './command';
import { openFile } from './file_source';

const HELP = `wanscope hub: serve full-size checkpoints of synthetic weights from this machine

Usage: wanscope hub [OPTIONS]

  --port N         listen there (any free port); only programs and pages of this machine are answered
  --folder PATH    serve the files below it too, as the repository local/files, but for those with a name or folder
                   that begins with a dot
  --faults JSON    what goes wrong, one object or a list: {"at": "cdn", "times": 3, "cutAfterBytes": 1000}
  --signed SECONDS how long the signed address of a file works (3600)
  --hash BYTES     list files up to this size with their sha256 (4e9): the first list of a repository then takes as
                   long as it takes to make all their bytes

Speaks as Hugging Face does (/api/models/REPO/tree/main, /REPO/resolve/main/PATH), and under /models and /api/v1 as
ModelScope. Every weight is made when it is asked for; nothing is stored.

  POST, DELETE /faults   set faults, remove them; or ?fault=JSON on the address of a file
  GET, DELETE /counts    what was served: requests, bytes, and bytes served more than once
  POST /expire           make all signed addresses stop working

Repositories: ${REPOSITORIES.join(', ')}

The first line it prints has its address. It runs until it is told to end (Ctrl-C).`;

export const hub: Command = {
  summary: 'serve full-size synthetic checkpoints for tests',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      port: { type: 'string', default: '0' },
      folder: { type: 'string' },
      faults: { type: 'string', default: '[]' },
      signed: { type: 'string', default: '3600' },
      hash: { type: 'string', default: '4e9' },
    });
    if (positionals.length > 0) throw new UsageError(`hub takes no "${positionals[0]}".`);
    const port = number('port', values.port);
    if (!Number.isInteger(port) || port > 65535)
      throw new UsageError(`--port is a whole number from 0 to 65535, not "${values.port}".`);
    const signedSeconds = number('signed', values.signed);
    const hashBytes = number('hash', values.hash);

    const repositories = values.folder === undefined ? [] : [await folderRepository(values.folder)];
    const server = await startHub({
      ...{ port, signedSeconds, hashBytes, repositories },
      faults: parseFaults(values.faults),
    });
    say(`Synthetic hub: ${server.url}`);
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
    });
    await server.close();
    return 0;
  },
};

function number(option: string, text: string): number {
  const value = Number(text);
  if (text === '' || !(value >= 0)) throw new UsageError(`--${option} is a number, not "${text}".`);
  return value;
}

async function folderRepository(folder: string): Promise<Repository> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new AppError('weights-missing', `${folder} cannot be opened (${cause.code}).`, { cause });
  });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => !isHidden(relative(folder, path)));
  return repository('local/files', await Promise.all(files.sort().map((path) => diskFile(folder, path))));
}

/** Keys and the like lie there. */
const isHidden = (inside: string) => inside.split(sep).some((name) => name.startsWith('.'));

async function diskFile(folder: string, path: string): Promise<HubFile> {
  const { bytes, read } = await openFile(path);
  const inside = relative(folder, path).split(sep).join('/');
  return { path: inside, bytes, read, parts: [{ kind: 'other', begin: 0, end: bytes }] };
}
