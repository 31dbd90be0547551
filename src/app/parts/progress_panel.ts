/** A run under way: one native bar cut by stage, and a line of text that says the same. */
import { html, nothing, type TemplateResult } from 'lit';
import { countDown, duration } from '../../words/format';
import { type Milestone, overall, type Progress } from '../progress';
import { words } from '../state/settings';

/** `line` in place of the usual one. */
export function progressPanel(progress: Progress, line = progressLine(progress)): TemplateResult {
  const { progress: names, startRow } = words.value;
  return html`
    <div class="progress">
      <div class="bar">
        <progress aria-label=${names.label} max="1" value=${overall(progress)}></progress>
        <ol aria-hidden="true">
          ${progress.stages.map(
            ({ stage, share, fraction }) => html`<li
              class=${stage === progress.current && fraction < 1 ? 'part now' : 'part'}
              .style=${`flex-grow: ${share}`}
            >
              ${share > 0.09 ? html`<span>${words.value.stages[stage]}</span>` : nothing}
            </li>`,
          )}
        </ol>
      </div>
      <p class="line">${line}</p>
      <p class="hint">${startRow.hint}</p>
    </div>
  `;
}

/** "Denoise · 12 of 50 · 2.1 s each · about 1 min 20 s left" */
export function progressLine(progress: Progress): string {
  const { progress: names, stages } = words.value;
  const { current, done, total, unitSeconds, secondsLeft } = progress;
  if (!current) return names.begin;
  return [
    stages[current],
    total > 1 && names.count(Math.floor(done), total),
    total > 1 && unitSeconds !== null && names.each(duration(unitSeconds, words.value)),
    secondsLeft !== null && (secondsLeft > 1 ? names.left(countDown(secondsLeft, words.value)) : names.nearly),
  ]
    .filter(Boolean)
    .join(' · ');
}

/** Heard, not seen. It stays in the page over all states, for a live region must exist before it speaks. */
export function milestoneLine(reached: Milestone | null, ends: RunEnds = words.value.progress): TemplateResult {
  return html`<p class="visually-hidden" role="status">${reached ? milestoneText(reached, ends) : ''}</p>`;
}

/** How a run ended, in the words of its kind. */
export interface RunEnds {
  readonly done: string;
  readonly stopped: string;
  readonly failed: string;
}

function milestoneText(reached: Milestone, ends: RunEnds): string {
  const { progress: names, stages } = words.value;
  switch (reached.name) {
    case 'stage':
      return names.stage(stages[reached.stage]);
    case 'percent':
      return names.milestone(reached.percent);
    default:
      return ends[reached.name];
  }
}
