/** The states in which there is no result: not supported, refused, stopped, failed. Each says what to do. */
import { html, nothing, type TemplateResult } from 'lit';
import { duration } from '../../words/format';
import type { Progress } from '../progress';
import type { Failure } from '../state/failure';
import { lookAtMachine, machineState } from '../state/machine';
import { choice, chooseSmallest, tryAgain } from '../state/run';
import { words } from '../state/settings';
import { isTooMuch } from './failure_note';

export function unsupported(secure: boolean): TemplateResult {
  const { unsupported: names } = words.value;
  return html`
    <section class="trouble" aria-labelledby="unsupported-heading">
      <h2 id="unsupported-heading">${names.heading}</h2>
      <p>${secure ? names.missing : names.insecure}</p>
      ${
        secure
          ? html`<h3>${names.where}</h3>
              <ul>
                ${names.browsers.map((browser) => html`<li>${browser}</li>`)}
              </ul>`
          : nothing
      }
      <p>${names.still} <a href="#compare">${names.compare}</a></p>
    </section>
  `;
}

export function machineFailed(failure: Failure): TemplateResult {
  const { failure: names, unsupported: other } = words.value;
  return html`
    <section class="trouble" aria-labelledby="machine-failed-heading">
      <h2 id="machine-failed-heading">${names.headingMachine}</h2>
      <p>${names.advice[failure.code]}</p>
      ${reported(failure)}
      <div class="actions"><button @click=${lookAtMachine}>${names.tryAgain}</button></div>
      <p>${other.still} <a href="#compare">${other.compare}</a></p>
    </section>
  `;
}

export function runFailed(failure: Failure): TemplateResult {
  const { failure: names } = words.value;
  const presets =
    machineState.value.name === 'ready' ? (machineState.value.plan?.[choice.value.mode].presets ?? []) : [];
  return html`
    <section class="trouble" aria-labelledby="failed-heading">
      <h2 id="failed-heading">${names.heading}</h2>
      <p>${names.advice[failure.code]}</p>
      ${reported(failure)}
      <div class="actions">
        <button @click=${tryAgain}>${names.tryAgain}</button>
        ${
          isTooMuch(failure) && presets.length > 0
            ? html`<button @click=${() => chooseSmallest(presets)}>${names.smallest}</button>`
            : nothing
        }
      </div>
    </section>
  `;
}

/** The engine's own words carry both numbers; they are English wherever the page is read. */
function reported({ text }: Failure) {
  return html`<details open>
    <summary>${words.value.failure.detail}</summary>
    <p lang="en"><code>${text}</code></p>
  </details>`;
}

export function runStopped(progress: Progress, seconds: number): TemplateResult {
  const { stopped, progress: names, stages } = words.value;
  const { current, done, total } = progress;
  const time = duration(seconds, words.value);
  const where = current && [stages[current], total > 1 && names.count(done, total)].filter(Boolean).join(' ');
  return html`
    <section class="trouble" aria-labelledby="stopped-heading">
      <h2 id="stopped-heading">${stopped.heading}</h2>
      <p>${where ? stopped.after(where, time) : stopped.early(time)}</p>
    </section>
  `;
}
