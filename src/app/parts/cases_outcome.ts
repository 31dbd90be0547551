/** How a run of the cases ended; and its rows, where there is no result that they stand in. */
import { html, nothing, type TemplateResult } from 'lit';
import { casesText } from '../case_rows';
import { matrix } from '../state/cases';
import { run, tryCasesAgain } from '../state/run';
import { words } from '../state/settings';
import { casesSection } from './cases_section';
import { copyButton } from './copy_button';
import { failureNote } from './failure_note';

export function casesOutcome(): TemplateResult | typeof nothing {
  const state = matrix.value;
  if (state.name !== 'ended') return nothing;
  const { result: say } = words.value.cases;
  const { how, rows, plans, wasHidden } = state;
  const isAlone = run.value.name !== 'done';
  return html`
    ${how === 'stopped' ? html`<p class="notice">${say.stopped(rows.length, plans.length)}</p>` : nothing}
    ${
      typeof how === 'object'
        ? html`<div class="trouble">${failureNote(how, { heading: say.failed(rows.length, plans.length), again: tryCasesAgain })}</div>`
        : nothing
    }
    ${
      isAlone && rows.length > 0
        ? html`<article class="result">
            ${casesSection(rows)} ${wasHidden ? html`<p class="notice warn">${say.hidden}</p>` : nothing}
            <p class="note prose">${say.alone}</p>
            <div class="actions">${copyButton('cases', say.copy, () => casesText(rows, words.value).join('\n'))}</div>
          </article>`
        : nothing
    }
  `;
}
