/** A run on a server of the visitor's own: asked for, followed, stopped, and what came of it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ErrorCode } from '../../core/errors';
import { SERVER_NAMES, type ServerProgress } from '../../servers/server';
import { canAsk, live, probed, startLive, stopLive } from '../state/live';
import { words } from '../state/settings';
import { dotted } from './dotted';
import { failureNote } from './failure_note';
import { liveFields } from './live_form';
import { liveHelp } from './live_help';
import { liveResult } from './live_result';

export function livePanel(): TemplateResult {
  const { live: say } = words.value;
  const state = live.value;
  return html`
    <section class="live" aria-labelledby="live-heading">
      <h2 id="live-heading">${say.heading}</h2>
      <p class="note prose">${say.lead}</p>
      <form class="live-form" novalidate @submit=${submit}>
        ${liveFields(state.name === 'running')} ${askRow()}
      </form>
      <p class="visually-hidden" role="status">${statusText()}</p>
      <div class="outcome">${foundText()} ${outcome()}</div>
      ${liveHelp()} ${state.name === 'done' ? liveResult(state) : nothing}
    </section>
  `;
}

function submit(event: Event): void {
  event.preventDefault();
  if (live.value.name !== 'running') void startLive();
}

/** One button in all states, so that the focus stays when asking becomes stopping. */
function askRow() {
  const { live: say } = words.value;
  const state = live.value;
  const isRunning = state.name === 'running';
  const isStopping = isRunning && state.stopping;
  return html`<div class="make-row">
    <button
      type=${isRunning ? 'button' : 'submit'}
      class=${isRunning ? 'primary stop' : 'primary'}
      ?disabled=${!isRunning && !canAsk.value}
      aria-disabled=${isStopping}
      @click=${isRunning ? stopLive : nothing}
    >
      ${isRunning ? (isStopping ? say.stopping : say.stop) : say.ask}
    </button>
    ${isRunning || canAsk.value ? nothing : html`<p class="note">${say.needed}</p>`}
  </div>`;
}

function outcome() {
  const { live: say } = words.value;
  const state = live.value;
  switch (state.name) {
    case 'idle':
    case 'done':
      return nothing;
    case 'running':
      return progressOf(state.progress);
    case 'stopped':
      return html`<p class="note">${say.stopped}</p>`;
    case 'failed': {
      const advice = (say.advice as Partial<Record<ErrorCode | 'unknown', string>>)[state.failure.code];
      return failureNote(state.failure, { heading: say.failed, advice });
    }
    default:
      return state satisfies never;
  }
}

/** Without a value the bar moves, and says nothing of how far. */
function progressOf({ activity, done, total }: ServerProgress) {
  const { live: say } = words.value;
  const count = total > 0 ? [say.count(done, total)] : [];
  return html`<div class="live-progress">
    <progress aria-label=${say.progress} max="1" value=${total > 0 ? done / total : nothing}></progress>
    <p>${dotted([say.activity[activity], ...count])}</p>
  </div>`;
}

function foundText() {
  const { live: say, weights } = words.value;
  const found = probed.value;
  if (!found) return nothing;
  const { kind, software, card, models, isWan5b } = found;
  const what = [software, card, ...models].filter((each) => each !== null).join(weights.comma);
  return html`<p class="note">${say.found(SERVER_NAMES[kind], what)} ${isWan5b === false ? say.otherModel : nothing}</p>`;
}

/** Heard: what it is at, and the end. Steps would be noise. */
function statusText(): string {
  const { live: say } = words.value;
  const state = live.value;
  if (state.name === 'running') return say.activity[state.progress.activity];
  if (state.name === 'done') return say.done(state.run.name);
  return state.name === 'stopped' ? say.stopped : state.name === 'failed' ? say.failed : '';
}
