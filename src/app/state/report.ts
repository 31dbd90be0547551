/** The written report on the rows of Compare, in the page's language; and the source report's claims, which stand alone. */
import { computed, signal } from '@preact/signals-core';
import type { Report, Section } from '../../compare/report';
import { saveFile } from '../save_file';
import { cards } from './cards';
import { chosenEntries, ownEntry } from './compared';
import { references } from './references';
import { language } from './settings';

type Writer = typeof import('../report');

export const writer = signal<Writer | 'loading' | 'failed'>('loading');
/** Its reader asked for it. */
export const reportIsOpen = signal(false);

export async function loadWriter(): Promise<void> {
  try {
    writer.value = await import('../report');
  } catch {
    writer.value = 'failed';
  }
}

const claims = computed(() => {
  const write = writer.value;
  return typeof write === 'string' || typeof references.value === 'string' ? [] : write.checkClaims(references.value);
});

/** Null until it can be told. It is about the published runs, whatever rows are shown. */
export const claimsSection = computed<Section | null>(() => {
  const write = writer.value;
  if (typeof write === 'string' || typeof references.value === 'string') return null;
  const report = write.reportOf([], { language: language.value, cards: cards.value, claims: claims.value });
  return report.sections.find(({ id }) => id === 'claims') ?? null;
});

/** Of all runs that were chosen, not of one a card; the pinned run first. Null: not asked for, or not yet there. */
export const report = computed<Report | null>(() => {
  const write = writer.value;
  if (typeof write === 'string' || !reportIsOpen.value) return null;
  const runs = [...(ownEntry.value ? [ownEntry.value] : []), ...chosenEntries.value].map(({ run }) => run);
  return write.reportOf(runs, { language: language.value, cards: cards.value, claims: claims.value });
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

export function saveReport(format: ReportFormat): void {
  const write = writer.value;
  const written = report.value;
  if (typeof write === 'string' || !written) return;
  const texts = { md: write.reportMarkdown, html: write.reportHtml, json: write.reportJson, csv: write.reportCsv };
  const name = `wanscope-report-${new Date().toISOString().slice(0, 10)}.${format}`;
  saveFile(name, new Blob([texts[format](written)], { type: `${TYPES[format]};charset=utf-8` }));
}
