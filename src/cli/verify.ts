/** `verify`: golden files through the networks on this machine's GPU. */
import type { CheckRow } from '../core/result';
import { idleSeconds, type RunTime } from '../gpu/run';
import { verifyFiles } from '../pipeline/verify';
import type { ByteSource } from '../weights/byte_source';
import { byteOption, type Command, complain, oneOf, parseOptions, say, UsageError } from './command';
import { openFile } from './file_source';
import { type MemoryPeak, watchMemory } from './memory_watch';
import { openNodeContext } from './node_context';
import { openCheckpoint } from './open_checkpoint';

const HELP = `wanscope verify: run golden files on this machine and compare

Usage: wanscope verify FILE... [OPTIONS]

  --weights PATH|URL           a checkpoint instead of synthetic weights: a file, a folder, an address,
                               or a repository of a model hub (owner/name, owner/name/folder, owner/name/file)
  --offload resident|stream    keep all weights in GPU memory, or bring them when their turn comes
                               (unless given: stream for networks of full size)
  --memory 2GiB                GPU memory that a stage may take: with it, streaming keeps what fits, and
                               frames are decoded in tiles if they must
  --tolerance X                largest relative error that passes, instead of the file's: quantised weights
                               have errors of their own
  --precision f32|f16          arithmetic of the activations (f32); f16 allows an error of 1e-2
  --int8                       round what the transformer's linear layers multiply to 8 bits: weights become
                               q8_0 as they are loaded, activations as they come; allows an error of 3e-2
  --savings on|off             leave out work that does not change the result (on)
  --json                       print an array of rows instead of lines

Prints "PASS|FAIL FILE OUTPUT rel=... max=..." for each output, and "N passed, M failed" last.
What it cost in bytes and memory goes to standard error. Exit status 1 if anything failed.`;

export const verify: Command = {
  summary: 'run golden files and compare with the published networks',
  help: HELP,

  async run(args) {
    const { values, positionals: paths } = parseOptions(args, {
      weights: { type: 'string' },
      offload: { type: 'string' },
      memory: { type: 'string' },
      tolerance: { type: 'string' },
      precision: { type: 'string', default: 'f32' },
      savings: { type: 'string', default: 'on' },
      int8: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    });
    if (paths.length === 0) throw new UsageError('verify needs golden files.');
    const { weights, json } = values;
    const activation = oneOf('precision', values.precision, ['f32', 'f16']);
    const savings = oneOf('savings', values.savings, ['on', 'off']) === 'on';
    const offload = values.offload === undefined ? undefined : oneOf('offload', values.offload, ['resident', 'stream']);
    const memoryBytes = values.memory === undefined ? undefined : byteOption('memory', values.memory);
    const residency = offload ?? (memoryBytes === undefined ? undefined : 'stream');

    const tolerance = values.tolerance === undefined ? undefined : Number(values.tolerance);
    if (tolerance !== undefined && !(tolerance > 0))
      throw new UsageError(`--tolerance is a number above 0, not "${values.tolerance}".`);

    const files: ByteSource[] = await Promise.all(paths.map(openFile));
    const checkpoint = weights === undefined ? undefined : await openCheckpoint(weights);
    const context = await openNodeContext();
    const onRow = json ? undefined : (row: CheckRow) => say(line(row));
    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const watch = watchMemory();
    const runs: RunTime[] = [];
    const rows = await verifyFiles(
      context,
      files,
      {
        activation,
        savings,
        products: values.int8 ? 'int8' : 'exact',
        residency,
        memoryBytes,
        checkpoint,
        tolerance,
        signal: stop.signal,
        onRun: (time) => runs.push(time),
      },
      { onRow },
    );
    // Beside the rows, not among them.
    for (const text of costs(runs, context.memory.peakBytes, watch.stop())) complain(text);

    const failed = rows.filter(({ pass }) => !pass).length;
    say(json ? JSON.stringify(rows, null, 2) : `${rows.length - failed} passed, ${failed} failed`);
    return failed > 0 ? 1 : 0;
  },
};

/** What the run cost beside time: bytes brought, and memory at most. */
function costs(runs: readonly RunTime[], gpuBytes: number, { processBytes, heapBytes }: MemoryPeak): string[] {
  const sum = (value: (run: RunTime) => number) => runs.reduce((total, run) => total + value(run), 0);
  const bytes = sum(({ feed }) => feed?.bytes ?? 0);
  const active = sum(({ feed }) => feed?.activeSeconds ?? 0);
  const exposed = sum(idleSeconds);
  const gib = (count: number) => `${(count / 2 ** 30).toFixed(2)} GiB`;
  return [
    ...(bytes > 0 && active > 0 // synthetic weights are made where they are needed, not brought
      ? [
          `streamed ${gib(bytes)} in ${sum(({ feed }) => feed?.tiles ?? 0)} tiles at ${(bytes / active / 1e9).toPrecision(3)} GB/s while read and copied; the GPU computed nothing for ${exposed.toPrecision(3)} s`,
        ]
      : []),
    `peak memory: process ${gib(processBytes)}, JavaScript ${(heapBytes / 2 ** 20).toFixed(0)} MiB, GPU ${gib(gpuBytes)}`,
  ];
}

function line({ pass, file, output, relL2, maxAbs, note }: CheckRow): string {
  const far = `rel=${relL2.toExponential(2)} max=${maxAbs.toExponential(2)}`;
  return `${pass ? 'PASS' : 'FAIL'} ${file} ${output} ${far}${note ? `  ${note}` : ''}`;
}
