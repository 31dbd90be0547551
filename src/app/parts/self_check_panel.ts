/** Is it right, not only fast? Small pieces of every network against the published model's outputs. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CheckRow } from '../../../workers/engine_api';
import { duration, figures } from '../../words/format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { check, startCheck } from '../state/self_check';
import { words } from '../state/settings';
import { dataTable } from './data_table';

export function selfCheckPanel(): TemplateResult {
  const { check: names } = words.value;
  const { name, rows, failure } = check.value;
  const free = machineState.value.name === 'ready' && busy.value === null;
  return html`
    <section class="check" aria-labelledby="check-heading">
      <h2 id="check-heading">${names.heading}</h2>
      <p>${names.what}</p>
      <p><button ?disabled=${!free} @click=${startCheck}>${name === 'running' ? names.running : names.start}</button></p>
      <p class="verdict" role="status">${name === 'done' ? verdict(rows) : ''}</p>
      ${
        failure
          ? html`<p>${words.value.failure.advice[failure.code]}</p>
              <p lang="en"><code>${failure.text}</code></p>`
          : nothing
      }
      ${
        rows.length > 0
          ? html`<details ?open=${name === 'running' || rows.some(({ pass }) => !pass)}>
        <summary>${words.value.result.table}</summary>${rowTable(rows)}</details>`
          : nothing
      }
    </section>
  `;
}

function verdict(rows: readonly CheckRow[]): string {
  const { check: names } = words.value;
  const failed = rows.filter(({ pass }) => !pass).length;
  if (rows.length === 0) return names.none;
  return failed === 0 ? names.passed(rows.length) : names.failed(failed, rows.length);
}

/** The note is the engine's own words: why it did not run, or where the numbers first differ. */
function verdictOf({ pass, note }: CheckRow) {
  const { check: names } = words.value;
  if (pass) return `✓ ${names.pass}`;
  return html`✗ ${names.fail}${note ? html` <small><code lang="en">${note}</code></small>` : nothing}`;
}

function rowTable(rows: readonly CheckRow[]) {
  const { check: names } = words.value;
  return dataTable({
    caption: names.heading,
    rows,
    rowClass: ({ pass }) => (pass ? '' : 'bad'),
    columns: [
      { head: names.output, cell: ({ output }) => html`<code>${output}</code>` },
      { head: names.file, cell: ({ file }) => html`<code>${file}</code>` },
      { head: names.verdict, cell: verdictOf },
      { head: names.relative, numeric: true, cell: ({ relL2 }) => figures(relL2) },
      { head: names.largest, numeric: true, cell: ({ maxAbs }) => figures(maxAbs) },
      { head: names.time, numeric: true, cell: ({ seconds }) => duration(seconds, words.value) },
    ],
  });
}
