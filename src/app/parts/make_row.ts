/** The button, and what pressing it means: how long, how much memory, or why it cannot be pressed. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipSettings } from '../../core/clip';
import type { ClipPlan } from '../../core/clip_run';
import type { StageMemory } from '../../core/stage_memory';
import { aboutDuration, byteCount } from '../../words/format';
import { memoryLines } from '../../words/memory_lines';
import { busy } from '../state/busy';
import { canBeMade, isWritten, planFor, problems } from '../state/clip_form';
import { make, making, stopMaking } from '../state/making';
import { words } from '../state/settings';
import { busyNote } from './busy_note';
import { dotted } from './dotted';

/** One button in all states, so that the focus stays when Generate becomes Stop. */
export function makeRow(settings: ClipSettings): TemplateResult {
  const { generate } = words.value;
  const state = making.value;
  const running = state.name === 'running';
  const impossible = planFor(settings)?.impossible ?? null;
  const isReady = busy.value === null && canBeMade.value;
  return html`<div class="make-row">
    <button
      type="button"
      class=${running ? 'primary stop' : 'primary'}
      ?disabled=${!running && !isReady}
      aria-disabled=${running && state.stopping}
      @click=${running ? stopMaking : begin}
    >
      ${running ? (state.stopping ? generate.stopping : generate.stop) : generate.make}
    </button>
    ${running ? nothing : html`<div class="estimate">${meaning(settings, impossible)}</div>`}
  </div>`;
}

function meaning(settings: ClipSettings, impossible: string | null) {
  const { generate } = words.value;
  const wrong = problems.value.length;
  if (busy.value !== null && busy.value !== 'clip') return busyNote('clip');
  if (wrong > 0) return html`<p class="bad">${generate.toMend(wrong)}</p>`;
  if (impossible) return html`<p class="bad">${generate.impossible} <code lang="en">${impossible}</code></p>`;
  const plan = planFor(settings);
  return html`${isWritten(settings) ? nothing : html`<p>${generate.prompt.needed}</p>`} ${plan ? costs(plan) : nothing}`;
}

function costs(plan: ClipPlan) {
  const { generate } = words.value;
  return html`<p>
    ${dotted([
      generate.estimate(aboutDuration(plan.seconds, words.value)),
      generate.memory(byteCount(plan.peakBytes)),
      ...(plan.streamedBytesPerStep > 0 ? [generate.streamed(byteCount(plan.streamedBytesPerStep))] : []),
    ])}
  </p>
  ${plan.memory ? memoryOf(plan.memory) : nothing}`;
}

function memoryOf(memory: StageMemory) {
  return html`<details>
    <summary>${words.value.memory.heading}</summary>
    ${memoryLines(memory, words.value).map((line) => html`<p class="note">${line}</p>`)}
  </details>`;
}

async function begin(): Promise<void> {
  const made = make();
  // On a phone the stage is below the form.
  const stage = document.querySelector('.stage');
  if (stage && stage.getBoundingClientRect().top > innerHeight / 2) stage.scrollIntoView();
  await made;
}
