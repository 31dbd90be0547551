/** `compare`: results of any known format → a written report, in English or Chinese. */
import { writeFile } from 'node:fs/promises';
import { checkClaims } from '../compare/claims';
import { checkReported, reportOf } from '../compare/report';
import { reportCsv } from '../compare/report_csv';
import { reportHtml } from '../compare/report_html';
import { reportJson } from '../compare/report_json';
import { reportMarkdown } from '../compare/report_markdown';
import { runContent } from '../compare/run_content';
import { AppError } from '../core/errors';
import type { Run } from '../core/run';
import { type Command, complain, oneOf, parseOptions, say, UsageError } from './command';
import { readCards, readReferences, readRuns } from './read_runs';

const FORMATS = { md: reportMarkdown, html: reportHtml, json: reportJson, csv: reportCsv } as const;
type Format = keyof typeof FORMATS;
const KNOWN = Object.keys(FORMATS) as Format[];

const HELP = `wanscope compare: results side by side, as a written report

Usage: wanscope compare FILE|URL… [OPTIONS]

  --lang en|zh     the report's language (en)
  --format F       ${KNOWN.join(', ')} (unless given: by --out's ending, else md)
  --out FILE       write it there instead of to the terminal
  --with WORDS     published runs beside the files: words of a card's name or a run's, such as l40s,blackwell; or all

A file is a result of bench --json, one saved from the page, or one of another program: Wan2.2-Enhanced, vLLM-Omni,
SGLang, mstar. Which it is goes by its content. Every sentence is computed from the runs' numbers; ratios stand only between
runs of the same work, and what was scaled says so. html is one file to print; json has the findings and the runs,
csv a line for every stage of every run. A file that cannot be read is named; the report is of the others, and
the exit status is 1.`;

export const compare: Command = {
  summary: 'write a report on results: cards, servers, own runs',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      lang: { type: 'string', default: 'en' },
      format: { type: 'string' },
      out: { type: 'string' },
      with: { type: 'string' },
    });
    if (positionals.length === 0 && values.with === undefined)
      throw new UsageError('compare needs files of results, or --with for published ones.');
    const language = oneOf('lang', values.lang, ['en', 'zh']);
    const format = oneOf('format', values.format ?? ending(values.out) ?? 'md', KNOWN);

    const own = await Promise.allSettled(positionals.map(readRuns));
    const failures = own.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    for (const failure of failures) {
      if (!(failure instanceof AppError)) throw failure;
      complain(failure.message);
    }
    const read = own.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    const runs = unique([...read, ...(values.with === undefined ? [] : chosen(values.with, await readReferences()))]);
    if (runs.length === 0) return 1;
    checkReported(runs); // before the claims, which are checked on pairs of them

    const cards = await readCards();
    const report = reportOf(runs, { language, cards, claims: checkClaims(runs, cards) });
    await write(FORMATS[format](report), values.out);
    return failures.length > 0 ? 1 : 0;
  },
};

const ending = (path: string | undefined): Format | undefined => KNOWN.find((format) => path?.endsWith(`.${format}`));

/** One file named twice is one run; a changed copy is another, under an id of its own. */
export function unique(runs: readonly Run[]): Run[] {
  const counts = new Map<string, number>();
  return [...new Map(runs.map((run) => [runContent(run), run])).values()].map((run) => {
    const count = (counts.get(run.id) ?? 0) + 1;
    counts.set(run.id, count);
    return count === 1 ? run : { ...run, id: `${run.id} (${count})` };
  });
}

/** Those of which any word says something; each word has to find one. */
function chosen(words: string, references: readonly Run[]): Run[] {
  const told = ({ id, name, device }: Run) => `${id} ${name} ${device.name}`.toLowerCase();
  const wanted = words
    .toLowerCase()
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  if (wanted.length === 0) throw new UsageError('--with needs words of a card’s name or a run’s, or all.');
  if (wanted.includes('all')) return [...references];
  for (const word of wanted) {
    if (references.some((run) => told(run).includes(word))) continue;
    const names = [...new Set(references.map(({ device }) => device.name).filter(Boolean))];
    throw new UsageError(`--with finds no published run for "${word}". There are runs of: ${names.join(', ')}.`);
  }
  return references.filter((run) => wanted.some((word) => told(run).includes(word)));
}

async function write(text: string, path: string | undefined): Promise<void> {
  if (path === undefined) return say(text.replaceAll('\r\n', '\n').trimEnd());
  await writeFile(path, text).catch((cause) => {
    throw new AppError('storage-failed', `${path} cannot be written (${cause.code}).`, { cause });
  });
  complain(`Written to ${path}.`);
}
