/** The written report on the rows of Compare, in the page's language; and the source report's claims, which stand alone. */
import { computed, signal } from '@preact/signals-core';
import { checkClaims } from '../../compare/claims';
import { MOST_REPORTED, type Report, reportOf, type Section } from '../../compare/report';
import { reportCsv } from '../../compare/report_csv';
import { reportHtml } from '../../compare/report_html';
import { reportJson } from '../../compare/report_json';
import { reportMarkdown } from '../../compare/report_markdown';
import { saveFile } from '../save_file';
import { cards } from './cards';
import { chosenEntries, ownEntry } from './compared';
import { references } from './references';
import { language } from './settings';

/** Its reader asked for it. */
export const reportIsOpen = signal(false);

const claims = computed(() => (typeof references.value === 'string' ? [] : checkClaims(references.value)));

/** Null until the published runs are there. It is about them, whatever rows are shown. */
export const claimsSection = computed<Section | null>(() => {
  if (claims.value.length === 0) return null;
  const { sections } = reportOf([], { language: language.value, cards: cards.value, claims: claims.value });
  return sections.find(({ id }) => id === 'claims') ?? null;
});

/** All that were chosen, not one a card; the pinned run first. */
const runs = computed(() =>
  [...(ownEntry.value ? [ownEntry.value] : []), ...chosenEntries.value].map(({ run }) => run),
);

/** How many were chosen, where those are more than a report can be on. */
export const tooMany = computed(() => (runs.value.length > MOST_REPORTED ? runs.value.length : null));

/** Null: not asked for, or of too many. */
export const report = computed<Report | null>(() => {
  if (!reportIsOpen.value || tooMany.value) return null;
  return reportOf(runs.value, { language: language.value, cards: cards.value, claims: claims.value });
});

/** By their endings, with the names that they have in every language. */
export const FORMATS = { md: 'Markdown', html: 'HTML', json: 'JSON', csv: 'CSV' } as const;
export type ReportFormat = keyof typeof FORMATS;

const TYPES: Readonly<Record<ReportFormat, string>> = {
  md: 'text/markdown',
  html: 'text/html',
  json: 'application/json',
  csv: 'text/csv',
};

const WRITERS: Readonly<Record<ReportFormat, (report: Report) => string>> = {
  md: reportMarkdown,
  html: reportHtml,
  json: reportJson,
  csv: reportCsv,
};

export function saveReport(format: ReportFormat): void {
  if (!report.value) return;
  const name = `wanscope-report-${new Date().toISOString().slice(0, 10)}.${format}`;
  saveFile(name, new Blob([WRITERS[format](report.value)], { type: `${TYPES[format]};charset=utf-8` }));
}
