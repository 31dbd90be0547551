/** A result as text to paste: reads plainly, renders as Markdown. Pure. */

import { cardName } from '../compare/card';
import { type Comparison, rowAt } from '../compare/compare_runs';
import { kernelRows } from '../compare/kernel_rows';
import type { BenchmarkResult, Figure } from '../core/result';
import type { Words } from '../words/en';
import { byteCount, duration, grouped, percent, rate, size } from '../words/format';
import { remarkText } from '../words/remarks_en';
import { casesText } from './case_rows';
import { basisText, headline, ratioText, SHOWN_STAGES } from './headline';

export function resultText(result: BenchmarkResult, comparisons: readonly Comparison[], words: Words): string {
  const { machine, key, remarks, counts, engineVersion, createdAt } = result;
  const { result: names } = words;
  return [
    `## WanScope ${engineVersion} · ${machine.adapter}`,
    '',
    headline(comparisons, words), // its stars are Markdown already
    '',
    `${machine.runtime} · ${words.machine.tier[machine.tier]} · ${createdAt}`,
    names.here.line(size(key), key.frames, grouped(key.tokens), key.steps),
    '',
    ...stageTable(comparisons, words),
    ...kernelTable(result, words),
    ...casesText(result.cases, words),
    `${names.counts.peak}: ${byteCount(counts.peakGpuBytes)} · ${names.counts.dispatches}: ${grouped(counts.dispatchesPerStep)}`,
    ...remarks.map((remark) => `- ${remarkText(remark, words)}`),
    '',
  ]
    .join('\n')
    .replace(/[\u202f\u00a0]/g, ' ');
}

function stageTable(comparisons: readonly Comparison[], words: Words): string[] {
  const [first] = comparisons;
  if (!first) return [];
  const { result: names, compared, kinds } = words;
  const time = (figure: Figure | null) => (figure ? duration(figure.seconds, words) : words.comparison.unknown);
  const head = [names.stage, names.thisGpu, names.kind, ...comparisons.map(({ other }) => cardName(other.device.name))];
  const lines = SHOWN_STAGES.map((stage) => [
    stage === 'total' ? compared.total(first.steps ?? 1) : compared[stage],
    time(rowAt(first, stage).own),
    kinds[rowAt(first, stage).own?.kind ?? 'derived'],
    ...comparisons.map((comparison) => {
      const row = rowAt(comparison, stage);
      return `${time(row.other)} (${ratioText(row, words)})`;
    }),
  ]);
  const basis = basisText(first, words);
  return [...table([head, ...lines]), ...(basis ? [basis, ''] : [])];
}

function kernelTable(result: BenchmarkResult, words: Words): string[] {
  const { kernels: names } = words.result;
  const rows = kernelRows(result);
  if (rows.length === 0) return [];
  const head = [names.kernel, names.share, names.flops, names.bytes, names.roof];
  const lines = rows.map(({ kernel, share, flopsPerSecond, bytesPerSecond, ofRoof }) => [
    kernel,
    `${percent(share)} %`,
    rate(flopsPerSecond, 'FLOP/s'),
    rate(bytesPerSecond, 'B/s'),
    `${percent(ofRoof)} %`,
  ]);
  return table([head, ...lines]);
}

function table(rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const [head, ...rest] = rows;
  return [line(head!), line(head!.map(() => '---')), ...rest.map(line), ''];
}
