/** Cases of the matrix as their table, their chart and their text show them. Pure. */
import type { CaseResult } from '../core/result';
import type { Words } from '../words/en';
import { byteCount, duration, figures, signedPercent, size } from '../words/format';

export interface CaseRow {
  readonly result: CaseResult;
  readonly name: string;
  /** Guided steps of one video in a minute, of all that are made at once: what a batch is for. Null where it failed. */
  readonly stepsPerMinute: number | null;
  /** Over the first of the same clip that was measured; 0 for the first itself. */
  readonly gain: number | null;
}

export function caseRows(cases: readonly CaseResult[], words: Words): CaseRow[] {
  const firstOf = (preset: string) => cases.find(({ key, step }) => step?.seconds && key.preset === preset);
  return cases.map((result) => {
    const [own, first] = [stepsPerMinute(result), firstOf(result.key.preset)];
    const gain = own !== null && first ? own / stepsPerMinute(first)! - 1 : null;
    return { result, name: caseName(result, words), stepsPerMinute: own, gain };
  });
}

const stepsPerMinute = ({ key, step }: CaseResult) =>
  step && step.seconds > 0 ? (60 * key.batch) / step.seconds : null;

/** '640×352, 17 frames · bf16 · all stay · 2 videos' */
function caseName({ key, memoryBytes }: CaseResult, words: Words): string {
  return caseLabel({ ...key, memoryBytes }, words);
}

export interface CaseWhat {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly weights: string;
  readonly offload: CaseResult['key']['offload'];
  readonly batch: number;
  readonly memoryBytes: number | null;
}

export function caseLabel({ weights, offload, batch, memoryBytes, ...clip }: CaseWhat, words: Words): string {
  const { offloads, partialWithin } = words.cases;
  const where = offload === 'partial' && memoryBytes !== null ? partialWithin : offloads[offload];
  const within = memoryBytes === null ? [] : [byteCount(memoryBytes)];
  return [`${size(clip)}×${clip.frames}`, weights, where, ...within, `× ${batch}`].join(' · ');
}

/** More than this is more, if every step of the one was quicker than every step of the other, video for video. */
const NOTICEABLE = 0.03;

function isNoticeable({ gain, result }: CaseRow, { result: first }: CaseRow): boolean {
  const perVideo = ({ key, step }: CaseResult) =>
    (step!.samples.length > 0 ? step!.samples : [step!.seconds]).map((seconds) => seconds / key.batch);
  return gain! > NOTICEABLE && Math.max(...perVideo(result)) < Math.min(...perVideo(first));
}

/** Plain text. Only cases of the clip that most of them are of are set against each other. */
export function casesFinding(rows: readonly CaseRow[], words: Words): string {
  const { result: say } = words.cases;
  const measured = rows.filter((row) => row.gain !== null);
  const first = measured[0];
  if (!first) return say.none;
  const alike = measured.filter(({ result }) => result.key.preset === first.result.key.preset);
  if (alike.length === 1) return say.single(first.name, duration(first.result.step!.seconds, words));
  const best = alike.reduce((most, row) => (row.gain! > most.gain! ? row : most));
  return isNoticeable(best, first)
    ? say.finding(best.name, signedPercent(best.gain!).replace('+', ''), first.name)
    : say.equal(first.name);
}

export interface CaseColumn {
  readonly head: string;
  readonly numeric: boolean;
  readonly text: (row: CaseRow) => string;
}

/** Of what was measured; a case that failed has its reason instead. */
export function caseColumns(words: Words): CaseColumn[] {
  const { columns: head, first, failedWhy } = words.cases.result;
  const measured = (text: (row: CaseRow & { result: { step: object } }) => string) => (row: CaseRow) =>
    row.result.step ? text(row as CaseRow & { result: { step: object } }) : '–';
  const seconds = (value: number) => (value > 0 ? duration(value, words) : '–');
  return [
    {
      head: head.step,
      numeric: true,
      text: ({ result }) => (result.step ? duration(result.step.seconds, words) : failedWhy),
    },
    { head: head.throughput, numeric: true, text: measured((row) => figures(row.stepsPerMinute!)) },
    { head: head.gain, numeric: true, text: measured(({ gain }) => (gain === 0 ? first : signedPercent(gain!))) },
    { head: head.peak, numeric: true, text: ({ result }) => byteCount(result.peakGpuBytes) },
    {
      head: head.streamed,
      numeric: true,
      text: ({ result }) => (result.streamedBytesPerStep > 0 ? byteCount(result.streamedBytesPerStep) : '–'),
    },
    { head: head.waiting, numeric: true, text: measured(({ result }) => seconds(result.exposedSeconds)) },
    { head: head.hidden, numeric: true, text: measured(({ result }) => seconds(result.hiddenSeconds)) },
  ];
}

/** A Markdown table, and the reasons of those that failed. */
export function casesText(cases: readonly CaseResult[], words: Words): string[] {
  if (cases.length === 0) return [];
  const rows = caseRows(cases, words);
  const columns = caseColumns(words);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const head = [words.cases.result.columns.name, ...columns.map((column) => column.head)];
  return [
    line(head),
    line(head.map(() => '---')),
    ...rows.map((row) => line([row.name, ...columns.map(({ text }) => text(row))])),
    ...rows.flatMap(({ name, result }) => (result.failure ? [`- ${name}: ${result.failure.message}`] : [])),
    '',
  ];
}
