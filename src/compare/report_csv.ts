/** The runs as comma-separated values, a line for every stage of every run (RFC 4180), in English whatever the reader's language. */
import type { Figure } from '../core/result';
import { RUN_STAGES, type Run, type RunKey, type RunStage } from '../core/run';
import type { Report } from './report';

const KEY: readonly (keyof RunKey)[] = [
  ...(['model', 'width', 'height', 'frames', 'tokens', 'steps', 'guidance', 'promptTokens', 'batch'] as const),
  ...(['activations', 'weights', 'attention', 'offload', 'textEncoderOn', 'decoder', 'gpus'] as const),
];

const HEAD = [
  ...([
    'run',
    'origin',
    'device',
    'software',
    'date',
    'source',
    'contended',
    'stage',
    'basis',
    'kind',
    'seconds',
    'samples',
  ] as const),
  ...(['peakMemoryBytes', 'deviceMemoryBytes'] as const),
  ...KEY,
];

export function reportCsv({ analysis }: Report): string {
  return [HEAD, ...analysis.runs.flatMap(linesOf)].map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}

type Value = string | number | boolean | null;

function linesOf(run: Run): Value[][] {
  const of = (basis: string, { key, stages }: Pick<Run, 'key' | 'stages'>) =>
    RUN_STAGES.flatMap((stage) => {
      const figure = stages[stage];
      return figure ? [line(run, basis, key, stage, figure)] : [];
    });
  return [...of('run', run), ...(run.projection ? of('projection', run.projection) : [])];
}

function line(run: Run, basis: string, key: RunKey, stage: RunStage, { kind, seconds, samples }: Figure): Value[] {
  const { name, origin, device, software, date, source, contended, peakMemoryBytes } = run;
  return [
    ...[
      name,
      origin,
      device.name,
      software,
      date,
      source.url ?? source.text,
      contended,
      stage,
      basis,
      kind,
      seconds,
      samples.join(' '),
    ],
    ...[peakMemoryBytes, device.memoryBytes],
    ...KEY.map((field) => key[field]),
  ];
}

/** Also in full width, and after a semicolon: where those part the cells, one begins there. */
const FORMULA = /(^|;)(?=[=+\-@\t\r\n＝＋－＠])/g;

/** A text that a spreadsheet would take for a formula gets a quote before it. */
function cell(value: Value): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  return `"${value.replace(FORMULA, "$1'").replaceAll('"', '""')}"`;
}
