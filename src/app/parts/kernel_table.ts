/** Why: each kernel's share of the time, and how near it comes to what this GPU can do. */

import { html, nothing, type TemplateResult } from 'lit';
import { kernelRows } from '../../compare/kernel_rows';
import type { BenchmarkResult } from '../../core/result';
import { byteCount, duration, grouped, percent, rate, THIN } from '../../words/format';
import { words } from '../state/settings';
import { dataTable } from './data_table';

export function kernelTable(result: BenchmarkResult): TemplateResult {
  const { kernels: names } = words.value.result;
  const rows = kernelRows(result);
  const top = rows[0];
  return html`
    <section class="kernels" aria-labelledby="kernels-${result.id}">
      <h3 id="kernels-${result.id}">${names.heading}</h3>
      <p class="finding">
        ${top ? names.finding(top.kernel, Math.round(top.share * 100), Math.round(top.ofRoof * 100)) : names.none}
      </p>
      ${
        top
          ? dataTable({
              caption: names.heading,
              rows,
              columns: [
                { head: names.kernel, cell: ({ kernel }) => html`<code>${kernel}</code>` },
                { head: names.share, cell: ({ share }) => html`${shareBar(share)}${percent(share)}${THIN}%` },
                { head: names.time, numeric: true, cell: ({ seconds }) => duration(seconds, words.value) },
                { head: names.calls, numeric: true, cell: ({ calls }) => grouped(calls) },
                { head: names.flops, numeric: true, cell: ({ flopsPerSecond }) => rate(flopsPerSecond, 'FLOP/s') },
                { head: names.bytes, numeric: true, cell: ({ bytesPerSecond }) => rate(bytesPerSecond, 'B/s') },
                { head: names.roof, numeric: true, cell: ({ ofRoof }) => `${percent(ofRoof)}${THIN}%` },
                { head: names.bound, cell: ({ waitsFor }) => names[waitsFor] },
              ],
            })
          : nothing
      }
    </section>
  `;
}

const shareBar = (share: number) =>
  html`<i class="share" aria-hidden="true"><i .style=${`width: ${share * 100}%`}></i></i>`;

export function roofsAndCounts({ roofs, counts }: BenchmarkResult): TemplateResult {
  const { roofs: roof, counts: count } = words.value.result;
  const list = (facts: [string, string, string?][]) => html`<dl class="facts">
    ${facts.map(
      ([name, value, why]) =>
        html`<div><dt>${name}</dt><dd>${value}${why ? html` <small>${why}</small>` : nothing}</dd></div>`,
    )}
  </dl>`;
  return html`
    <div class="columns">
      <section>
        <h3>${roof.heading}</h3>
        ${list([
          [roof.fp32, rate(roofs.fp32FlopsPerSecond, 'FLOP/s')],
          [roof.f16, roofs.f16FlopsPerSecond ? rate(roofs.f16FlopsPerSecond, 'FLOP/s') : roof.none],
          [roof.matrix, roofs.matrixFlopsPerSecond ? rate(roofs.matrixFlopsPerSecond, 'FLOP/s') : roof.none],
          [roof.bytes, rate(roofs.bytesPerSecond, 'B/s')],
          [roof.upload, rate(roofs.uploadBytesPerSecond, 'B/s')],
        ])}
      </section>
      <section>
        <h3>${count.heading}</h3>
        ${list([
          counts.gpuBusy === null
            ? [count.busy, count.unknown]
            : [count.busy, `${percent(counts.gpuBusy)}${THIN}%`, count.busyWhy],
          [count.dispatches, grouped(counts.dispatchesPerStep)],
          [count.moved, byteCount(counts.bytesMovedPerStep), count.movedWhy],
          [count.peak, byteCount(counts.peakGpuBytes)],
        ])}
      </section>
    </div>
  `;
}
