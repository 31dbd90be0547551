/** Is it right, not only fast? Small pieces of every network against the published model's outputs. */
import { html, nothing, type TemplateResult } from 'lit';
import type { CheckRow } from '../../../workers/engine_api';
import { duration, figures } from '../../words/format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { check, startCheck, stopCheck } from '../state/self_check';
import { words } from '../state/settings';
import { busyNote } from './busy_note';
import { dataTable } from './data_table';
import { progressLine } from './progress_panel';

export function selfCheckPanel(): TemplateResult {
  const { check: names } = words.value;
  const state = check.value;
  const { name, rows } = state;
  return html`
    <section class="self-check" aria-labelledby="check-heading">
      <h2 id="check-heading">${names.heading}</h2>
      <p>${names.what}</p>
      <div class="start-row">${checkButton()} ${busyNote('check')}</div>
      ${name === 'running' ? html`<p class="line">${progressLine(state.progress)}</p>` : nothing}
      <p class="verdict" role="status">${name === 'done' ? verdict(rows) : name === 'stopped' ? words.value.stopped.heading : ''}</p>
      ${
        name === 'failed'
          ? html`<p>${words.value.failure.advice[state.failure.code]}</p>
              <p lang="en"><code>${state.failure.text}</code></p>`
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

/** One button in both states, so that the focus stays when it becomes Stop. */
function checkButton() {
  const { check: names, startRow } = words.value;
  const state = check.value;
  const running = state.name === 'running';
  const free = machineState.value.name === 'ready' && busy.value === null;
  return html`<button
    ?disabled=${!running && !free}
    aria-disabled=${running && state.stopping}
    @click=${running ? stopCheck : startCheck}
  >
    ${running ? (state.stopping ? startRow.stopping : startRow.stop) : names.start}
  </button>`;
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
