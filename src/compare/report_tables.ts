/** The report's tables of numbers: what was timed, what was held, and like beside like. */
import type { FindingValues } from '../core/findings';
import { spreadOf } from '../core/findings';
import type { Figure } from '../core/result';
import type { Run, RunStage } from '../core/run';
import { size } from '../words/format';
import type { Analysis } from './analysis';
import type { Group } from './group_runs';
import { caseRatio, likeCases } from './pair_groups';
import type { Cell, ReportWords, Table } from './report';
import { decodeRate, stepRate } from './utilisation';

export type Column = keyof ReportWords['columns'];

/** Null where there is nothing to put in it. Names align left, numbers right. */
export function tableOf(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  words: ReportWords,
): Table | null {
  if (rows.length === 0) return null;
  const head = (column: Column) => ({
    head: words.columns[column],
    align: TEXTUAL.has(column) ? ('start' as const) : ('end' as const),
  });
  return { kind: 'table', caption, columns: columns.map(head), rows };
}

/** Seconds of different clips are of different work: where there are such, each row says whose it has. */
export function tableWithClips(
  caption: string,
  columns: readonly Column[],
  rows: readonly { readonly cells: readonly Cell[]; readonly run: Run }[],
  words: ReportWords,
): Table | null {
  const clips = rows.map(({ run }) => clipOf(run, words));
  const differ = new Set(clips).size > 1;
  return tableOf(
    caption,
    differ ? [...columns, 'size'] : columns,
    rows.map(({ cells }, at) => (differ ? [...cells, clips[at]!] : cells)),
    words,
  );
}

function clipOf({ key: { width, height, frames } }: Run, { unknown }: ReportWords): string {
  if (width === null || height === null) return frames === null ? unknown : `?×${frames}`;
  return `${size({ width, height })}×${frames ?? '?'}`;
}

const TEXTUAL: ReadonlySet<Column> = new Set<Column>([
  ...(['card', 'stage', 'offload', 'run', 'software', 'date', 'source', 'kind', 'confidence', 'remarks'] as const),
  ...([
    'size',
    'guidance',
    'precision',
    'attention',
    'text',
    'field',
    'one',
    'another',
    'slower',
    'faster',
    'work',
    'basis',
    'claim',

    'found',
    'verdict',
  ] as const),
]);

export function stepTable({ groups, findings }: Analysis, words: ReportWords): Table | null {
  const used = findings.compute.flatMap(({ code, values }) => (code === 'utilisation' ? [values] : []));
  const rows = groups.flatMap((group) =>
    (['step', 'decode'] as const).flatMap((stage) => {
      const figure = group[stage];
      const use = used.find((values) => values.device === group.name && values.stage === stage);
      if (!figure) return [];
      return [{ cells: stepRow(group, stage, figure, use, words), run: group.runs[0]! }];
    }),
  );
  const columns = ['card', 'stage', 'count', 'median', 'mean', 'range', 'rate', 'ofPeak', 'ofMatmul'] as const;
  return tableWithClips(words.tables.steps, columns, rows, words);
}

function stepRow(
  group: Group,
  stage: 'step' | 'decode',
  figure: Figure,
  use: FindingValues['utilisation'] | undefined,
  words: ReportWords,
): Cell[] {
  const { time, percent, flops, unknown } = words;
  const { name, runs } = group;
  const rate = stage === 'step' ? stepRate(group) : decodeRate(group);
  const { min, max } = spreadOf(figure);
  const count = figure.samples.length;
  const mean = count > 0 ? figure.samples.reduce((sum, each) => sum + each, 0) / count : figure.seconds;
  const share = (roof: number | null | undefined) => (use && roof ? percent(use.perSecond / roof) : unknown);
  return [
    name,
    words.stages[stage],
    String(count || runs.length),
    time(figure.seconds),
    time(mean),
    count > 1 ? words.range(min, max) : unknown,
    rate ? flops(rate.perSecond) : unknown,
    `${use?.peak && use.atMost ? '≥' : ''}${share(use?.peak)}`,
    share(use?.matmul),
  ];
}

export function peakTable({ findings }: Analysis, words: ReportWords): Table | null {
  const rows = findings.memory.flatMap(({ code, values }) => {
    if (code !== 'peak') return [];
    const { device, offload, bytes, memoryBytes } = values;
    return [
      [
        device,
        offload === null ? words.unknown : words.offload[offload],
        words.bytes(bytes),
        memoryBytes === null ? words.unknown : words.bytes(memoryBytes),
        memoryBytes ? words.percent(bytes / memoryBytes) : words.unknown,
      ],
    ];
  });
  return tableOf(words.tables.peaks, ['card', 'offload', 'peak', 'memory', 'share'], rows, words);
}

/** Two full matrices. A page takes seconds to lay out thousands of rows. */
const MOST_CASES = 512;

/** Own matrix: offload × weights × batch. */
export function caseTable({ groups }: Analysis, words: ReportWords): Table | null {
  const { time, bytes, unknown } = words;
  const rows = groups.flatMap(({ name, runs }) =>
    runs.flatMap(({ cases }) =>
      cases.map(({ key, step, ...each }) => [
        name,
        `${key.width}×${key.height}`,
        String(key.frames),
        `${key.activations} / ${key.weights}`,
        words.offload[key.offload],
        String(key.batch),
        step ? time(step.seconds) : unknown,
        step ? time(each.exposedSeconds) : unknown,
        step ? time(each.hiddenSeconds) : unknown,
        bytes(each.streamedBytesPerStep),
        bytes(each.peakGpuBytes),
      ]),
    ),
  );
  const columns = [
    'card',
    'size',
    'frames',
    'precision',
    'offload',
    'batch',
    'step',
    'exposed',
    'hidden',
    'streamed',
    'peak',
  ] as const;
  const caption = words.tables.cases;
  if (rows.length <= MOST_CASES) return tableOf(caption, columns, rows, words);
  const shortened = `${caption} ${words.shortened(MOST_CASES, rows.length)}`;
  return tableOf(shortened, columns, rows.slice(0, MOST_CASES), words);
}

const LIKE: readonly RunStage[] = ['init', 'encode', 'step', 'decode', 'wall'];

/** Cases that two cards ran in the same manner with the same number of steps; a pair of cards has columns of its own. */
export function likeTable({ pairs }: Analysis, words: ReportWords): Table | null {
  const { time, times } = words;
  const rows = pairs.flatMap((pair) =>
    likeCases(pair).flatMap((like) =>
      LIKE.flatMap((stage) => {
        const ratio = caseRatio(pair, like, stage);
        const steps = like.base.run.key.steps;
        if (!ratio) return [];
        const { slow, fast, slowSeconds, fastSeconds } = ratio;
        return [
          [
            words.stages[stage],
            steps === null ? words.unknown : String(steps),
            `${slow} ${time(slowSeconds)}`,
            `${fast} ${time(fastSeconds)}`,
            `**${times(ratio.ratio)}**`,
          ],
        ];
      }),
    ),
  );
  return tableOf(words.tables.like, ['stage', 'steps', 'slower', 'faster', 'ratio'], rows, words);
}
