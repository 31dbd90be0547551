/** Of the chosen mode: the clip, its steps and, in Full, the GPU memory that it may take. Folded, for the usual ones will do. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WholeWeights } from '../../../workers/engine_api';
import { estimateRun, type ModePlan, type PresetEstimate } from '../../core/run_plan';
import { peakOfStages } from '../../core/stage_memory';
import { aboutDuration, byteCount, grouped, size } from '../../words/format';
import { type Choice, choice, underWay } from '../state/run';
import { words } from '../state/settings';
import { memorySelect } from './memory_select';
import { benchmarkPlan } from './mode_choice';

const STEPS = { quick: [3, 5, 10], standard: [3, 5, 10, 20], full: [1, 5, 10, 20, 50] } as const;
const WEIGHTS: readonly WholeWeights[] = ['bf16', 'f16', 'f32'];

const change = (changes: Partial<Choice>) => {
  choice.value = { ...choice.value, ...changes };
};
const picked = (event: Event) => (event.target as HTMLSelectElement).value;

export function modeOptions(): TemplateResult {
  const { modes: say } = words.value;
  const { mode } = choice.value;
  const plan = benchmarkPlan()?.[mode] ?? null;
  return html`<details class="mode-options">
    <summary>${say.options}</summary>
    <fieldset class="options" ?disabled=${underWay.value !== null}>
      <legend class="visually-hidden">${say.options}</legend>
      ${presetField(plan)} ${stepsField(plan)} ${mode === 'full' ? [weightsField(), memoryField()] : nothing}
    </fieldset>
    ${mode === 'full' ? html`<p class="note">${say.memoryWhy}</p>` : nothing}
  </details>`;
}

function presetField(plan: ModePlan | null) {
  const { modes: say } = words.value;
  const { mode, preset } = choice.value;
  return html`<label>
    <span>${say.preset}</span>
    <select name="preset" @change=${(event: Event) => change({ preset: picked(event) || null })}>
      <option value="" .selected=${preset === null}>${say.auto[mode]}</option>
      ${plan?.presets.map(
        (
          row,
        ) => html`<option value=${row.id} .selected=${row.id === preset} ?disabled=${row.largestBytes > plan.bindingBytes}>
          ${presetLine(row, plan)}
        </option>`,
      )}
    </select>
  </label>`;
}

function presetLine(row: PresetEstimate, plan: ModePlan): string {
  const { modes: say, startRow } = words.value;
  if (row.largestBytes > plan.bindingBytes)
    return `${size(row)}×${row.frames} · ${say.tooLarge(byteCount(row.largestBytes), byteCount(plan.bindingBytes))}`;
  const { seconds } = estimateRun(plan, row.id, choice.value.steps);
  const time = startRow.estimate(aboutDuration(seconds, words.value));
  return say.presetLine(size(row), row.frames, grouped(row.tokens), time);
}

function stepsField(plan: ModePlan | null) {
  const { modes: say } = words.value;
  const { mode, steps } = choice.value;
  return html`<label>
    <span>${say.steps}</span>
    <select name="steps" @change=${(event: Event) => change({ steps: Number(picked(event)) || null })}>
      <option value="" .selected=${steps === null}>${plan ? say.usualSteps(plan.steps) : ''}</option>
      ${STEPS[mode].map((count) => html`<option value=${count} .selected=${count === steps}>${count}</option>`)}
    </select>
  </label>`;
}

function weightsField() {
  const { streaming } = words.value.weights;
  const { weights } = choice.value;
  return html`<label>
    <span>${streaming.weights}</span>
    <select name="weights" @change=${(event: Event) => change({ weights: picked(event) as WholeWeights })}>
      ${WEIGHTS.map((type) => html`<option value=${type} .selected=${type === weights}>${streaming.madeUp(type)}</option>`)}
    </select>
  </label>`;
}

/** The least is what passes through: a run of one block of weights is planned by Standard. */
function memoryField() {
  const { modes: say } = words.value;
  const { preset, steps, memoryGib } = choice.value;
  const plan = benchmarkPlan();
  const clip = plan && estimateRun(plan.full, preset, steps).clip;
  const least = plan?.standard.presets.find(({ id }) => id === clip?.id);
  return memorySelect({
    name: 'memory',
    label: say.memory,
    none: say.allMemory,
    gib: memoryGib,
    leastBytes: least ? peakOfStages(least.memory) : 0,
    change: (gib) => change({ memoryGib: gib }),
  });
}
