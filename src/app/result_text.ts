/** A result as text to paste: reads plainly, renders as Markdown. Pure. */
import type { Comparison } from '../compare/comparison';
import { kernelRows } from '../compare/kernel_rows';
import { cardName } from '../compare/reference_row';
import type { BenchmarkResult } from '../core/result';
import type { Words } from '../words/en';
import { byteCount, duration, grouped, percent, rate, size } from '../words/format';
import { remarkText } from '../words/remarks_en';
import { headline, ratioText } from './headline';

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
    `${names.counts.peak}: ${byteCount(counts.peakGpuBytes)} · ${names.counts.dispatches}: ${grouped(counts.dispatchesPerStep)}`,
    ...remarks.map((remark) => `- ${remarkText(remark, words)}`),
    '',
  ]
    .join('\n')
    .replace(/[\u202f\u00a0]/g, ' ');
}

function stageTable(comparisons: readonly Comparison[], words: Words): string[] {
  const first = comparisons[0];
  if (!first) return [];
  const { result: names, compared, kinds } = words;
  const head = [
    names.stage,
    names.thisGpu,
    names.kind,
    ...comparisons.map(({ reference }) => cardName(reference.card)),
  ];
  const lines = first.rows.map(({ stage, own }, index) => [
    stage === 'total' ? compared.total(first.reference.key.steps) : compared[stage],
    duration(own.seconds, words),
    kinds[own.kind],
    ...comparisons.map(({ rows }) => {
      const { reference, ratio } = rows[index]!;
      return `${duration(reference.seconds, words)} (${ratioText(ratio, words)})`;
    }),
  ]);
  return table([head, ...lines]);
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
