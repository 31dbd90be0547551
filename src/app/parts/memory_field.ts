/** How much GPU memory may be taken: a slider, a number, and a button that finds out how much there is. */
import { html, nothing, type TemplateResult } from 'lit';
import { byteCount } from '../../words/format';
import { busy } from '../state/busy';
import { machineState } from '../state/machine';
import { words } from '../state/settings';
import { GIB, probe, probeMemory, stopProbe } from '../state/streaming';
import { failureNote } from './failure_note';

/** The transformer takes 20 GB in f32, and no program allows more than was tried. */
const MOST_GIB = 24;
const LEAST_GIB = 0.25;

export interface MemoryField {
  readonly label: string;
  readonly slider: string;
  readonly gib: number;
  readonly change: (gib: number) => void;
}

export function memoryField({ label, slider, gib, change }: MemoryField): TemplateResult {
  const { streaming } = words.value.weights;
  const take = (event: Event) => {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    if (value > 0) change(Math.min(value, 1024));
  };
  return html`
    <div class="memory">
      <label for="memory-gib">${label}</label>
      <div class="memory-row">
        <input
          type="range"
          aria-label=${slider}
          min=${LEAST_GIB}
          max=${MOST_GIB}
          step="0.25"
          .value=${String(Math.min(gib, MOST_GIB))}
          aria-valuetext="${gib} ${streaming.memoryUnit}"
          @input=${take}
        />
        <span class="gibibytes">
          <input type="number" id="memory-gib" name="memory" min="0" step="any" .value=${String(gib)} @change=${take} />
          ${streaming.memoryUnit}
        </span>
        ${probeButton(change)}
      </div>
      <p class="note" role="status">${probeText()}</p>
      ${probe.value.name === 'failed' ? failureNote(probe.value.failure) : nothing}
    </div>
  `;
}

/** One button in both states, so that the focus stays. */
function probeButton(change: MemoryField['change']) {
  const { weights, startRow } = words.value;
  const state = probe.value;
  const running = state.name === 'running';
  return html`<button
    type="button"
    ?disabled=${!running && busy.value !== null}
    aria-disabled=${running && state.stopping}
    @click=${running ? stopProbe : () => probeMemory(change)}
  >
    ${running ? (state.stopping ? startRow.stopping : startRow.stop) : weights.streaming.probe}
  </button>`;
}

function probeText(): string {
  const { streaming } = words.value.weights;
  if (probe.value.name === 'running') return streaming.probing;
  if (probe.value.name !== 'done') return streaming.notProbed;
  const { bytes } = probe.value;
  return streaming.probed(byteCount(bytes), bytes === probedMost());
}

/** Where the trying ends (src/gpu/probe.ts). */
const probedMost = () => {
  const software = machineState.value.name === 'ready' && machineState.value.machine.software;
  return (software ? 4 : 24) * GIB;
};
