/** The report's appendix: where each number comes from, what each run did, what differs, and the claims checked. */
import type { Claim } from '../core/claim';
import type { Figure } from '../core/result';
import type { Run, RunKey } from '../core/run';
import { size } from '../words/format';
import { remarkText } from '../words/remarks_en';
import type { Analysis } from './analysis';
import type { Difference } from './compare_runs';
import { deviceName, gapSeconds } from './group_runs';
import { nameText } from './inline_text';
import type { Block, Cell, ReportWords, Table } from './report';
import { tableOf, tableWithClips } from './report_tables';

export function runTable(runs: readonly Run[], words: ReportWords): Table | null {
  const rows = runs.map((run): Cell[] => [
    nameText(run.name) || words.unknown,
    deviceName(run),
    nameText(run.software) || words.unknown,
    run.date?.slice(0, 10) ?? words.unknown,
    sourceCell(run, words),
    run.contended ? `${confidence(run, words)}; ${words.shared}` : confidence(run, words),
  ]);
  return tableOf(words.tables.runs, ['run', 'card', 'software', 'date', 'source', 'confidence'], rows, words);
}

const confidence = (run: Run, words: ReportWords) =>
  run.confidence === null ? words.unknown : words.confidence[run.confidence];

function sourceCell({ source }: Run, words: ReportWords): Cell {
  const text = nameText(source.text) || words.unknown;
  return source.url !== null && isSecure(source.url) ? { text, url: source.url } : text;
}

/** Links lead to https alone, whatever a file says. */
function isSecure(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}

/** Every stage of every run, as its source has it. */
export function stageTable(runs: readonly Run[], words: ReportWords): Table | null {
  const seconds = (figure: Figure | null) => (figure ? words.time(figure.seconds) : words.unknown);
  const rows = runs.map((run) => {
    const { init, encode, step, decode, total, wall } = run.stages;
    const gap = gapSeconds(run);
    const kind = (step ?? total ?? wall)?.kind;
    const cells = [
      nameText(run.name) || words.unknown,
      deviceName(run),
      ...[init, encode, step, decode].map(seconds),
      gap === null ? words.unknown : words.time(gap),
      seconds(wall ?? total),
      run.peakMemoryBytes === null ? words.unknown : words.bytes(run.peakMemoryBytes),
      kind ? words.kinds[kind] : words.unknown,
    ];
    return { cells, run };
  });
  const columns = ['run', 'card', 'init', 'encode', 'step', 'decode', 'between', 'wall', 'peak', 'kind'] as const;
  return tableWithClips(words.tables.stages, columns, rows, words);
}

export function keyTable(runs: readonly Run[], words: ReportWords): Table | null {
  const rows = runs.map(({ name, key }) => [
    nameText(name) || words.unknown,
    key.width === null || key.height === null ? words.unknown : size({ width: key.width, height: key.height }),
    ...(['frames', 'tokens', 'steps', 'guidance'] as const).map((field) => keyText(field, key[field], words)),
    `${keyText('activations', key.activations, words)} / ${keyText('weights', key.weights, words)}`,
    ...(['attention', 'offload', 'textEncoderOn', 'batch'] as const).map((field) => keyText(field, key[field], words)),
  ]);
  const columns = [
    'run',
    'size',
    'frames',
    'tokens',
    'steps',
    'guidance',
    'precision',
    'attention',
    'offload',
    'text',
    'batch',
  ] as const;
  return tableOf(words.tables.keys, columns, rows, words);
}

function keyText(field: keyof RunKey, value: RunKey[keyof RunKey], words: ReportWords): string {
  if (value === null) return words.unknown;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (field === 'offload' && Object.hasOwn(words.offload, value))
    return words.offload[value as keyof ReportWords['offload']];
  if (field === 'textEncoderOn') return value.toUpperCase();
  return nameText(value);
}

/** What of each run differs from the run nearest to it on the other side. */
export function differenceTable({ pairs }: Analysis, words: ReportWords): Table | null {
  const rows = pairs.flatMap(({ base, other, compared }) => {
    const nearest = new Map<Run, readonly Difference[]>();
    for (const { other: run, differences } of compared)
      if (differences.length < (nearest.get(run)?.length ?? Number.POSITIVE_INFINITY)) nearest.set(run, differences);
    const texts = [...nearest.values()]
      .flat()
      .map(({ field, own, other: theirs, otherWork }) => [
        words.fields[field],
        `${base.name}: ${keyText(field, own, words)}`,
        `${other.name}: ${keyText(field, theirs, words)}`,
        otherWork ? words.yes : words.no,
      ]);
    return [...new Map(texts.map((cells) => [cells.join('\n'), cells])).values()];
  });
  return tableOf(words.tables.differences, ['field', 'one', 'another', 'work'], rows, words);
}

export function remarks(runs: readonly Run[], words: ReportWords): Block | null {
  const items = runs.flatMap((run) =>
    run.remarks.map((remark) => `${nameText(run.name) || deviceName(run)}: ${remarkText(remark, words)}`),
  );
  return items.length > 0 ? { kind: 'points', items, numbered: false } : null;
}

export function claimTable(claims: readonly Claim[], words: ReportWords): Table | null {
  const rows = claims.map((claim): Cell[] => {
    const [stated, found] = (words.claims[claim.id] as (numbers: Claim) => readonly [string, string])(claim);
    return [stated, found, words.verdicts[claim.verdict]];
  });
  return tableOf(words.tables.claims, ['claim', 'found', 'verdict'], rows, words);
}
