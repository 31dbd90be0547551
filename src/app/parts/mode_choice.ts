/** The three kinds of run as one choice; each says what it takes here, what it measures, and what it only projects. */
import { html, nothing, type TemplateResult } from 'lit';
import type { WholeWeights } from '../../../workers/engine_api';
import { type BenchmarkPlan, estimateRun, type ModePlan, type RunEstimate } from '../../core/run_plan';
import { peakOfStages } from '../../core/stage_memory';
import { aboutDuration, byteCount, rounded, size } from '../../words/format';
import { memoryLines } from '../../words/memory_lines';
import { machineState } from '../state/machine';
import { choice, chooseMode, type Mode, underWay } from '../state/run';
import { words } from '../state/settings';
import { GIB } from '../state/streaming';
import { dotted } from './dotted';

const MODES: readonly Mode[] = ['quick', 'standard', 'full'];

/** Of what bf16 takes. */
const SIZE_OF: Readonly<Record<WholeWeights, number>> = { bf16: 1, f16: 1, f32: 2 };

/** Null until it is known. */
export const benchmarkPlan = (): BenchmarkPlan | null =>
  machineState.value.name === 'ready' ? machineState.value.plan : null;

/** Of the chosen mode as chosen, of the others as they come. */
export function estimateOf(mode: Mode, plan: ModePlan): RunEstimate {
  if (choice.value.mode !== mode) return estimateRun(plan, null, null);
  const { preset, steps, memoryGib, weights } = choice.value;
  const estimate = estimateRun(plan, preset, steps, (SIZE_OF[weights] - 1) * plan.weightBytes);
  const limit = mode === 'full' && memoryGib !== null ? memoryGib * GIB : Number.POSITIVE_INFINITY;
  return { ...estimate, peakBytes: Math.min(estimate.peakBytes, limit) };
}

/** Why it cannot be run here, in words; null where it can. */
export function impossible({ clip }: RunEstimate, { bindingBytes }: ModePlan): string | null {
  if (!clip || clip.largestBytes <= bindingBytes) return null;
  return words.value.modes.tooLarge(byteCount(clip.largestBytes), byteCount(bindingBytes));
}

export function modeChoice(): TemplateResult {
  const plan = benchmarkPlan();
  return html`<fieldset class="modes" ?disabled=${underWay.value !== null}>
    <legend class="visually-hidden">${words.value.modes.legend}</legend>
    ${MODES.map((mode) => card(mode, plan?.[mode] ?? null))}
  </fieldset>`;
}

function card(mode: Mode, plan: ModePlan | null): TemplateResult {
  const { modes: say, runs } = words.value;
  const estimate = plan && estimateOf(mode, plan);
  const why = plan && estimate && impossible(estimate, plan);
  // Another size of the chosen mode may do: it is never locked out of its own options.
  const isOut = Boolean(why) && choice.value.mode !== mode;
  return html`<label class=${why ? 'mode-card impossible' : 'mode-card'}>
    <input
      type="radio"
      name="mode"
      value=${mode}
      .checked=${choice.value.mode === mode}
      ?disabled=${isOut}
      @change=${() => chooseMode(mode)}
    />
    <strong>${runs.modes[mode]}</strong>
    <span class="takes">${estimate ? takes(estimate) : say.planning}</span>
    <small>${say.what[mode]}</small>
    <small>${say.projects[mode]}</small>
    ${estimate ? html`<small class="clip">${clipLine(estimate)}</small>` : nothing}
    ${plan?.ratesAssumed && choice.value.mode === mode ? html`<small>${say.assumed}</small>` : nothing}
    ${plan && plan.tuningSeconds > 0 && choice.value.mode === mode ? html`<small>${say.tuning(rounded(plan.tuningSeconds, words.value))}</small>` : nothing}
    ${choice.value.mode === mode ? memoryOf(estimate) : nothing}
    ${why ? html`<small class="why">${why}</small>` : nothing}
  </label>`;
}

function takes({ seconds, peakBytes }: RunEstimate) {
  const { startRow: say } = words.value;
  return dotted([say.estimate(aboutDuration(seconds, words.value)), say.memory(byteCount(peakBytes)), say.download]);
}

/** Stage by stage; not where a limit changes it. */
function memoryOf(estimate: RunEstimate | null) {
  const memory = estimate?.clip?.memory;
  if (!memory || peakOfStages(memory) > estimate.peakBytes) return nothing;
  return memoryLines(memory, words.value).map((line) => html`<small>${line}</small>`);
}

function clipLine({ clip, steps }: RunEstimate): string {
  const { modes: say } = words.value;
  return clip ? say.clip(size(clip), clip.frames, steps) : say.slicesOnly;
}
