/** Cases of the matrix: the finding, a bar for each, and the table, in which what failed says why. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CaseResult, Figure } from '../../core/result';
import { type CaseRow, caseColumns, caseRows, casesFinding } from '../case_rows';
import { stageBars } from '../charts/stage_bars';
import type { BarPart, BarRow } from '../charts/stage_bars_layout';
import { contentWidth } from '../state/layout';
import { words } from '../state/settings';
import { dataTable } from './data_table';

export function casesSection(cases: readonly CaseResult[]): TemplateResult | typeof nothing {
  if (cases.length === 0) return nothing;
  const { result: say } = words.value.cases;
  const rows = caseRows(cases, words.value);
  const finding = casesFinding(rows, words.value);
  const bars = rows.flatMap(barOf);
  return html`
    <section class="cases-result" aria-labelledby="cases-result-heading">
      <h3 id="cases-result-heading">${say.heading}</h3>
      ${
        bars.length > 1
          ? html`${stageBars({ rows: bars, width: contentWidth.value, scale: 'seconds', caption: finding, name: finding })}
              <p class="note">${say.bars}</p>`
          : html`<p class="finding">${finding}</p>`
      }
      ${casesTable(rows)}
    </section>
  `;
}

/** As rows come in, and when all are there. */
export function casesTable(rows: readonly CaseRow[]): TemplateResult {
  const { result: say } = words.value.cases;
  return dataTable<CaseRow>({
    caption: say.heading,
    rows,
    rowClass: ({ result }) => (result.failure ? 'failed' : ''),
    columns: [
      { head: say.columns.name, cell: nameCell },
      ...caseColumns(words.value).map(({ head, numeric, text }) => ({ head, numeric, cell: text })),
    ],
  });
}

/** The engine's own words carry both numbers; they are English wherever the page is read. */
const nameCell = ({ name, result }: CaseRow) =>
  html`${name}${result.failure ? html`<small class="why">${words.value.cases.result.reported} <code lang="en">${result.failure.message}</code></small>` : nothing}`;

/** Of one video of the batch: the GPU's waiting cut off from its computing. */
function barOf({ result, name }: CaseRow, index: number): BarRow[] {
  const { step, key, exposedSeconds } = result;
  if (!step) return [];
  const kind = key.batch > 1 || exposedSeconds > 0 ? 'derived' : step.kind;
  const figure = (seconds: number): Figure => ({ kind, seconds: seconds / key.batch, samples: [] });
  const parts: BarPart[] = [
    ...(exposedSeconds > 0 ? [{ stage: 'load' as const, figure: figure(exposedSeconds) }] : []),
    { stage: 'denoise', figure: figure(Math.max(0, step.seconds - exposedSeconds)) },
  ];
  return [{ id: String(index), label: name, notes: [], own: false, parts }];
}
