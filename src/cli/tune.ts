/** `tune`: which form of each kernel is fastest on this GPU, found out and kept. */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import { runEvents } from '../core/run_events';
import type { GpuContext } from '../gpu/context';
import { type TuningCase, titleOf } from '../tuning/cases';
import { deviceKey, storedName } from '../tuning/device_key';
import { sameKind, tuneDevice, useTable } from '../tuning/device_tuning';
import { MOST_TABLE_CHARACTERS, readTable, readTableText, type TuningTable } from '../tuning/table';
import { TUNING_SECONDS, type Tuned } from '../tuning/tuner';
import { type Command, parseOptions, say, UsageError } from './command';
import { fileText } from './file_text';
import { jsonFile } from './json_file';
import { keptTuning, openNodeContext } from './node_context';
import { clearLine, progressLine } from './progress_line';
import { tuningFolder } from './tuning_file';

const HELP = `wanscope tune: choose the fastest form of each kernel on this GPU

Usage: wanscope tune [OPTIONS]

  --again         tune although this GPU is tuned
  --json FILE     write the table that is in use
  --import FILE   use and keep a table that another machine with this GPU wrote

Takes ${TUNING_SECONDS} s at most, and is kept for this GPU, its driver and these kernels, in
${tuningFolder()}.
All commands use it; bench makes it where there is none.`;

export const tune: Command = {
  summary: 'choose the fastest form of each kernel on this GPU',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      again: { type: 'boolean', default: false },
      json: { type: 'string' },
      import: { type: 'string' },
    });
    if (positionals.length > 0) throw new UsageError(`tune takes no "${positionals[0]}".`);
    if (values.again && values.import !== undefined) throw new UsageError('Either --again or --import.');
    const writeJson = await jsonFile(values.json);
    const context = await openNodeContext();
    say(context.device.machine.adapter);
    const table =
      values.import !== undefined
        ? await importTable(context, values.import)
        : ((values.again ? null : await keptTable(context)) ?? (await tuneHere(context)).table);
    for (const line of tableLines(table)) say(line);
    await writeJson(table);
    return 0;
  },
};

/** The one in use, if it was made here for these kernels. */
async function keptTable(context: GpuContext): Promise<TuningTable | null> {
  if (context.tuning.source !== 'tuned') return null;
  const read = readTable(await keptTuning.read(storedName(await deviceKey(context))));
  return read.ok ? read.table : null;
}

/** With its progress, and a line when it is done. */
export async function tuneHere(context: GpuContext, signal?: AbortSignal): Promise<Tuned> {
  const events = runEvents(progressLine, 'Tune', [{ stage: 'tune', seconds: TUNING_SECONDS }]);
  events.begin('tune');
  const began = nowMs();
  const tuned = await tuneDevice(context, keptTuning, { signal, onProgress: events.progress });
  events.end();
  clearLine();
  const { entries } = tuned.table;
  const changed = entries.filter(({ share }) => share < 1).length;
  const unreached = tuned.unreached > 0 ? `; ${tuned.unreached} shapes were not reached in time` : '';
  say(
    `tuned in ${((nowMs() - began) / 1000).toFixed(1)} s: ${changed} of ${entries.length} shapes take another form than the default${unreached}`,
  );
  return tuned;
}

async function importTable(context: GpuContext, path: string): Promise<TuningTable> {
  const read = readTableText(await fileText(path, { what: 'a tuning table', mostBytes: MOST_TABLE_CHARACTERS }));
  if (!read.ok) throw new AppError('file-invalid', `${path} is no tuning table: ${read.reason}.`);
  const key = await deviceKey(context);
  const { table } = read;
  if (!sameKind(table.key, key) && table.key.adapter !== key.adapter)
    throw new AppError(
      'input-invalid',
      `${path} was made on ${table.key.adapter}, and this is ${key.adapter}. Tune here instead: wanscope tune.`,
    );
  if (table.key.shaders !== key.shaders) say('It was made for other kernels: what they do not have is left out.');
  const own = { ...table, key };
  await useTable(context, keptTuning, own);
  return own;
}

function tableLines({ entries, leftOut, made }: TuningTable): string[] {
  const knobs = (tuning: object) =>
    Object.entries(tuning)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  return [
    `made ${made}`,
    ...entries.map(
      ({ tuning, share, ...one }) =>
        `  ${titleOf(one as TuningCase).padEnd(56)} ${`${(100 / share).toFixed(0)} %`.padStart(6)} of the default's speed  ${knobs(tuning)}`,
    ),
    ...leftOut.map(({ what, tuning, reason }) => `! ${what} ${knobs(tuning)}: ${reason.split('\n')[0]}`),
  ];
}
