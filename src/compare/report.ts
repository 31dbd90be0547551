/**
 * The written report on some runs: title, sections and blocks, in the reader's
 * language and in no format yet. `report_markdown.ts` and `report_html.ts` write
 * it; `report_json.ts` and `report_csv.ts` write what it was made from.
 */
import type { Claim } from '../core/claim';
import { AppError } from '../core/errors';
import type { Finding, FindingCode } from '../core/findings';
import type { Run } from '../core/run';
import { report as en, type Told } from '../words/report_en';
import { report as zh } from '../words/report_zh';
import type { Language } from '../words/units';
import { type Analysis, analyse, type Part } from './analysis';
import type { Card } from './card';
import { deviceName } from './group_runs';
import { claimTable, differenceTable, keyTable, remarks, runTable, stageTable } from './report_rows';
import { caseTable, likeTable, peakTable, stepTable } from './report_tables';

/** Text may hold **emphasis** and `code`; a link's url is https. */
export type Cell = string | { readonly text: string; readonly url: string };

export interface Table {
  readonly kind: 'table';
  readonly caption: string;
  readonly columns: readonly { readonly head: string; readonly align: 'start' | 'end' }[];
  readonly rows: readonly (readonly Cell[])[];
}

export type Block =
  | { readonly kind: 'text' | 'note' | 'subheading'; readonly text: string }
  | { readonly kind: 'points'; readonly items: readonly string[]; readonly numbered: boolean }
  | Table;

export interface Section {
  readonly id: Part | 'claims' | 'runs';
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface Report {
  readonly title: string;
  readonly lead: string;
  readonly language: Language;
  readonly sections: readonly Section[];
  readonly analysis: Analysis;
}

export type ReportWords = typeof en;

export interface ReportOptions {
  readonly language: Language;
  readonly cards: readonly Card[];
  readonly claims: readonly Claim[];
}

const WORDS: Readonly<Record<Language, ReportWords>> = { en, zh };

/** Each is compared with each: of a thousand that took 18 s, and nobody would read it. */
export const MOST_REPORTED = 150;

/** Throws `input-invalid` where there are more runs than a report can be on. */
export function checkReported({ length }: readonly Run[]): void {
  if (length > MOST_REPORTED)
    throw new AppError(
      'input-invalid',
      `These are ${length} runs, and a report is on ${MOST_REPORTED} at most. Leave some of them out.`,
    );
}

/** Throws as `checkReported`. */
export function reportOf(runs: readonly Run[], { language, cards, claims }: ReportOptions): Report {
  checkReported(runs);
  const analysis = analyse(runs, cards, claims);
  const words = WORDS[language];
  const names = [...new Set(runs.map(deviceName))];
  const { findings } = analysis;
  const section = (id: Section['id'], ...blocks: (Block | null)[]): Section => {
    const there = blocks.filter((block) => block !== null);
    return {
      id,
      heading: words.headings[id],
      blocks: there.length > 0 || id === 'runs' ? there : [{ kind: 'text', text: words.none[id] }],
    };
  };
  return {
    title: words.title(listed(names, words)),
    lead: words.lead(runs.length, names.length),
    language,
    analysis,
    sections: [
      section('summary', points(findings.summary, words)),
      section('compute', stepTable(analysis, words), points(findings.compute, words)),
      section('memory', peakTable(analysis, words), caseTable(analysis, words), points(findings.memory, words)),
      section('system', likeTable(analysis, words), points(findings.system, words)),
      section('recommendations', ...byDevice(findings.recommendations, words)),
      section('claims', claimTable(claims, words)),
      section(
        'runs',
        stageTable(runs, words),
        runTable(runs, words),
        keyTable(runs, words),
        differenceTable(analysis, words),
        remarks(runs, words),
      ),
    ],
  };
}

/** A, B and C. */
function listed(names: readonly string[], { and, comma }: ReportWords): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(comma)}${and}${names.at(-1)}`;
}

/** A finding in words; null where a table says it. */
export function sentence({ code, values }: Finding, words: ReportWords): string | null {
  if (TABULAR.includes(code)) return null;
  return (words.findings[code as Told] as (values: Finding['values']) => string)(values);
}

const TABULAR: readonly FindingCode[] = ['utilisation', 'peak'];

function points(findings: readonly Finding[], words: ReportWords): Block | null {
  const items = findings.flatMap((finding) => sentence(finding, words) ?? []);
  return items.length > 0 ? { kind: 'points', items, numbered: false } : null;
}

/** Advice stands under the card that it is for. */
function byDevice(findings: readonly Finding[], words: ReportWords): Block[] {
  const deviceOf = ({ values }: Finding) => ('device' in values ? values.device : '');
  return [...new Set(findings.map(deviceOf))].flatMap((device) => {
    const items = findings.filter((each) => deviceOf(each) === device).flatMap((each) => sentence(each, words) ?? []);
    return [
      { kind: 'subheading' as const, text: device },
      { kind: 'points' as const, items, numbered: true },
    ];
  });
}
