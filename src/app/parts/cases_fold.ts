/** The matrix to tick: what combinations would take, and which of them cannot be. */
import { html, nothing, type TemplateResult } from 'lit';
import { aboutDuration, byteCount, duration } from '../../words/format';
import { caseLabel } from '../case_rows';
import {
  CASE_TICKS,
  type CaseTicks,
  casesChoice,
  casesForm,
  casesOutlook,
  changeCases,
  lookAtCases,
  tickCases,
} from '../state/cases';
import { choice, underWay } from '../state/run';
import { words } from '../state/settings';
import { FRAMES_PER_SECOND } from '../video_second';
import { askAgain, failureNote } from './failure_note';
import { memorySelect } from './memory_select';
import { segmented } from './segmented';

export function casesFold(): TemplateResult {
  const { cases: say, runs } = words.value;
  const { when, ticks, memoryGib } = casesForm.value;
  return html`<details class="cases">
    <summary>${say.heading} <span class="tag">${stateText()}</span></summary>
    <fieldset ?disabled=${underWay.value !== null}>
      <legend class="visually-hidden">${say.heading}</legend>
      <p class="note prose">${say.what}</p>
      ${segmented({
        label: say.when.legend,
        options: [
          { value: 'off' as const, label: say.when.off },
          { value: 'after' as const, label: say.when.after(runs.modes[choice.value.mode]) },
          { value: 'alone' as const, label: say.when.alone },
        ],
        chosen: when,
        choose: (when) => changeCases({ when }),
      })}
      <div class="ticks">
        ${tickRow('sizes', CASE_TICKS.sizes, ticks.sizes, (size) => size.replace('x', '×'))}
        ${tickRow('frames', CASE_TICKS.frames, ticks.frames, framesLabel)}
        ${tickRow('weights', CASE_TICKS.weights, ticks.weights, String)}
        ${tickRow('offloads', CASE_TICKS.offloads, ticks.offloads, (where) => say.offloads[where])}
        ${tickRow('batches', CASE_TICKS.batches, ticks.batches, String)}
        ${memorySelect({
          name: 'cases-memory',
          label: say.memory,
          none: say.noBound,
          gib: memoryGib,
          change: (memoryGib) => changeCases({ memoryGib }),
        })}
      </div>
      ${when === 'off' ? nothing : html`<div class="meaning">${meaning()}</div>`}
    </fieldset>
  </details>`;
}

const framesLabel = (count: number) =>
  words.value.cases.frames(count, duration(count / FRAMES_PER_SECOND, words.value));

/** Of all that can be run. */
export function casesSeconds(): number | null {
  const outlook = casesOutlook.value;
  if (casesForm.value.when === 'off' || outlook.name !== 'ready') return null;
  return outlook.plans.reduce((sum, { estimatedSeconds }) => sum + estimatedSeconds, 0);
}

function stateText(): string {
  const { state } = words.value.cases;
  const [seconds, outlook] = [casesSeconds(), casesOutlook.value];
  if (seconds === null || outlook.name !== 'ready') return casesForm.value.when === 'off' ? state.off : '…';
  return state.counted(outlook.plans.length, aboutDuration(seconds, words.value));
}

function tickRow<Value extends string | number>(
  row: keyof CaseTicks,
  all: readonly Value[],
  ticked: readonly Value[],
  label: (value: Value) => string,
) {
  const tick = (value: Value, isTicked: boolean) =>
    tickCases({ [row]: all.filter((each) => (each === value ? isTicked : ticked.includes(each))) });
  return html`<fieldset class="tick-row">
    <legend>${words.value.cases.ticks[row]}</legend>
    ${all.map(
      (value) => html`<label class="tick">
        <input
          type="checkbox"
          name=${row}
          value=${value}
          .checked=${ticked.includes(value)}
          @change=${(event: Event) => tick(value, (event.target as HTMLInputElement).checked)}
        />
        <span>${label(value)}</span>
      </label>`,
    )}
  </fieldset>`;
}

function meaning() {
  const { cases: say } = words.value;
  const outlook = casesOutlook.value;
  const ticked = casesChoice.value;
  if (ticked === null) return html`<p>${say.nothing}</p>`;
  switch (outlook.name) {
    case 'none':
    case 'planning':
      return html`<p>${say.planning}</p>`;
    case 'impossible':
      return failureNote(outlook.failure, {
        heading: say.notPossible,
        again: askAgain(outlook.failure, () => void lookAtCases(ticked)),
      });
    case 'ready': {
      const { plans } = outlook;
      const possible = plans.filter(({ impossible }) => !impossible);
      const out = plans.filter(({ impossible }) => impossible);
      const peak = Math.max(0, ...possible.map(({ peakBytes }) => peakBytes));
      const time = aboutDuration(casesSeconds() ?? 0, words.value);
      return html`<p>${say.outlook(say.counted(plans.length), time, byteCount(peak))}</p>
        ${
          out.length > 0
            ? html`<p>${say.impossible(out.length)}</p>
                <ul>
                  ${out.map(
                    ({ wish, memoryBytes, impossible }) =>
                      html`<li>${caseLabel({ ...wish, ...wish.clip, memoryBytes }, words.value)}
                        <small class="why"><code lang="en">${impossible!.message}</code></small></li>`,
                  )}
                </ul>`
            : nothing
        }`;
    }
    default:
      return outlook satisfies never;
  }
}
