/** How far to trust the projection: stages that this run both measured and projected, side by side. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ProjectionCheck } from '../../core/result';
import { duration, signedPercent, size } from '../../words/format';
import { words } from '../state/settings';
import { dataTable } from './data_table';

const differenceOf = ({ measuredSeconds, projectedSeconds }: ProjectionCheck) => projectedSeconds / measuredSeconds - 1;

/** What a clock gave no time cannot be checked. */
const isTimed = ({ measuredSeconds }: ProjectionCheck) => measuredSeconds > 0;

/** `counts`: the headline's ± takes them in. */
export function projectionCheck(all: readonly ProjectionCheck[], counts = false): TemplateResult {
  const checks = all.filter(isTimed);
  const { headings } = words.value.result;
  return html`<section aria-labelledby="checks-heading">
    <h3 id="checks-heading">${headings.checks}</h3>
    <p class="finding">${findingOf(checks)}</p>
    ${checks.length > 0 ? table(checks) : nothing}
    ${counts ? html`<p class="note">${words.value.result.checks.stray}</p>` : nothing}
  </section>`;
}

function findingOf(checks: readonly ProjectionCheck[]): string {
  const { checks: say } = words.value.result;
  if (checks.length === 0) return say.none;
  const most = Math.max(...checks.map((check) => Math.abs(differenceOf(check))));
  const percent = signedPercent(most).replace('+', '');
  return checks.length === 1 ? say.finding(percent) : say.findingOf(percent, checks.length);
}

function table(checks: readonly ProjectionCheck[]): TemplateResult {
  const { headings, checks: say } = words.value.result;
  return dataTable<ProjectionCheck>({
    caption: headings.checks,
    rows: checks,
    columns: [
      { head: say.what, cell: ({ stage, key }) => `${say.stages[stage]} · ${size(key)}×${key.frames}` },
      { head: say.measured, numeric: true, cell: ({ measuredSeconds }) => duration(measuredSeconds, words.value) },
      { head: say.projected, numeric: true, cell: ({ projectedSeconds }) => duration(projectedSeconds, words.value) },
      { head: say.difference, numeric: true, cell: (check) => signedPercent(differenceOf(check)) },
    ],
  });
}
