/** `verify`: golden files through the networks on this machine's GPU. */
import type { CheckRow } from '../core/result';
import { openContext } from '../gpu/context';
import { verifyFiles } from '../pipeline/verify';
import type { ByteSource } from '../weights/byte_source';

import { type Command, oneOf, parseOptions, say, UsageError } from './command';
import { openFile } from './file_source';
import { openNodeDevice } from './gpu';
import { openCheckpoint } from './open_checkpoint';

const HELP = `wanscope verify: run golden files on this machine and compare

Usage: wanscope verify FILE... [OPTIONS]

  --weights PATH|URL           a checkpoint (a file, a folder or an address) instead of synthetic weights
  --offload resident|stream    keep all blocks in GPU memory, or bring each when its turn comes
                               (unless given: stream for networks of full size)
  --precision f32|f16          arithmetic of the activations (f32); f16 allows an error of 1e-2
  --savings on|off             leave out work that does not change the result (on)
  --json                       print an array of rows instead of lines

Prints "PASS|FAIL FILE OUTPUT rel=... max=..." for each output, and "N passed, M failed" last.
Exit status 1 if anything failed.`;

export const verify: Command = {
  summary: 'run golden files and compare with the published networks',
  help: HELP,

  async run(args) {
    const { values, positionals: paths } = parseOptions(args, {
      weights: { type: 'string' },
      offload: { type: 'string' },
      precision: { type: 'string', default: 'f32' },
      savings: { type: 'string', default: 'on' },
      json: { type: 'boolean', default: false },
    });
    if (paths.length === 0) throw new UsageError('verify needs golden files.');
    const { weights, json } = values;
    const activation = oneOf('precision', values.precision, ['f32', 'f16']);
    const savings = oneOf('savings', values.savings, ['on', 'off']) === 'on';
    const offload = values.offload === undefined ? undefined : oneOf('offload', values.offload, ['resident', 'stream']);

    const files: ByteSource[] = await Promise.all(paths.map(openFile));
    const checkpoint = weights === undefined ? undefined : await openCheckpoint(weights);
    const context = openContext(await openNodeDevice());
    const residency = offload === 'stream' ? 'refill' : offload;
    const onRow = json ? undefined : (row: CheckRow) => say(line(row));
    const rows = await verifyFiles(context, files, { activation, savings, residency, checkpoint }, { onRow });

    const failed = rows.filter(({ pass }) => !pass).length;
    say(json ? JSON.stringify(rows, null, 2) : `${rows.length - failed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  },
};

function line({ pass, file, output, relL2, maxAbs, note }: CheckRow): string {
  const far = `rel=${relL2.toExponential(2)} max=${maxAbs.toExponential(2)}`;
  return `${pass ? 'PASS' : 'FAIL'} ${file} ${output} ${far}${note ? `  ${note}` : ''}`;
}
