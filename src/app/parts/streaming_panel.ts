/** What streaming costs here: choose, read what it would mean, measure. */
import { html, nothing, type TemplateResult } from 'lit';
import { aboutDuration, byteCount } from '../../words/format';
import { consequence } from '../consequence';
import type { Progress } from '../progress';
import { busy } from '../state/busy';
import { lookAtMachine, machineState } from '../state/machine';
import { words } from '../state/settings';
import { look, measure, measureAgain, measuring, outlook, stopMeasuring, streamingChoice } from '../state/streaming';
import { busyNote } from './busy_note';
import { dotted } from './dotted';
import { askAgain, failureNote } from './failure_note';
import { progressPanel } from './progress_panel';
import { streamingOptions } from './streaming_options';
import { streamingResult } from './streaming_result';

export function streamingPanel(): TemplateResult {
  const { streaming } = words.value.weights;
  return html`
    <section class="streaming" aria-labelledby="streaming-heading">
      <h2 id="streaming-heading">${streaming.heading}</h2>
      <p class="prose">${streaming.what}</p>
      ${body()}
    </section>
  `;
}

function body() {
  const { weights, machine, unsupported } = words.value;
  const state = machineState.value;
  switch (state.name) {
    case 'checking':
      return html`<p class="skeleton">${machine.checking}</p>`;
    case 'unsupported':
      return html`<div class="failure">
        <p>${weights.streaming.noGpu}</p>
        <p>${state.secure ? unsupported.missing : unsupported.insecure}</p>
      </div>`;
    case 'failed':
      return failureNote(state.failure, { heading: weights.streaming.noGpu, again: lookAtMachine });
    case 'ready':
      return html`<div class="measure">${streamingOptions()} ${meaning()} ${measureRow()} ${progress()}</div>
        ${milestone()} ${outcome()}`;
    default:
      return state satisfies never;
  }
}

function meaning() {
  const { streaming } = words.value.weights;
  const state = outlook.value;
  switch (state.name) {
    case 'none':
      return nothing;
    case 'planning':
      return html`<p class="meaning">${streaming.planning}</p>`;
    case 'impossible':
      return failureNote(state.failure, {
        heading: streaming.notPossible,
        advice: adviceOf(state.failure.code),
        again: askAgain(state.failure, () => void look(streamingChoice.value!)),
      });
    case 'ready': {
      const { residency, weights } = state.choice;
      const options = { residency, fromStorage: weights.kind === 'files' };
      const [first, ...rest] = consequence(state.outlook, options, words.value);
      return html`<div class="meaning">
        <p>${first}</p>
        <p class="note">${rest.join(words.value.language.code === 'zh' ? '' : ' ')}</p>
      </div>`;
    }
    default:
      return state satisfies never;
  }
}

function adviceOf(code: string): string | undefined {
  const { streaming } = words.value.weights;
  if (code === 'out-of-memory') return streaming.tooLittle;
  return code === 'weights-missing' ? streaming.notTransformer : undefined;
}

/** One button in all states, so that the focus stays when Measure becomes Stop. */
function measureRow() {
  const { streaming } = words.value.weights;
  const state = measuring.value;
  const running = state.name === 'running';
  const isFree = busy.value === null && outlook.value.name === 'ready';
  const label = running
    ? state.stopping
      ? streaming.stopping
      : streaming.stop
    : state.name === 'idle'
      ? streaming.measure
      : streaming.again;
  return html`<div class="start-row">
    <button
      class=${running ? 'primary stop' : 'primary'}
      ?disabled=${!running && !isFree}
      aria-disabled=${running && state.stopping}
      @click=${running ? stopMeasuring : measure}
    >
      ${label}
    </button>
    ${running ? nothing : estimate()}
    ${busyNote('streaming')}
  </div>`;
}

/** One step more than is measured: the first warms up. */
function estimate() {
  const { startRow } = words.value;
  const state = outlook.value;
  if (state.name !== 'ready') return nothing;
  const { stepSeconds, streamedBytes, uploadBytesPerSecond } = state.outlook;
  const steps = (streamingChoice.value?.steps ?? 0) + 1;
  const seconds = steps * Math.max(stepSeconds, streamedBytes / uploadBytesPerSecond);
  return html`<div class="estimate">
    <p>${dotted([startRow.estimate(aboutDuration(seconds, words.value)), startRow.download])}</p>
  </div>`;
}

function progress() {
  const state = measuring.value;
  return state.name === 'running' ? progressPanel(state.progress, lineOf(state.progress)) : nothing;
}

/** The first step warms up and is not counted. */
function lineOf({ current, done, total }: Progress): string {
  const { weights, progress: names } = words.value;
  if (current === 'load' && total > 0)
    return done < total ? weights.streaming.load(byteCount(done), byteCount(total)) : weights.streaming.prepare;
  if (current === 'denoise') return done === 0 ? weights.streaming.warmUp : weights.streaming.step(done, total - 1);
  return names.begin;
}

/** Heard, not seen. */
function milestone() {
  const { said, stopped, failed } = words.value.weights.streaming;
  const state = measuring.value;
  const { current } = state.name === 'running' ? state.progress : { current: null };
  const text = {
    idle: '',
    running: current === 'load' || current === 'denoise' ? said[current] : '',
    stopped,
    failed,
    done: said.done,
  }[state.name];
  return html`<p class="visually-hidden" role="status">${text}</p>`;
}

function outcome() {
  const { streaming } = words.value.weights;
  const state = measuring.value;
  switch (state.name) {
    case 'idle':
    case 'running':
      return nothing;
    case 'stopped':
      return html`<p class="trouble">${streaming.stopped}</p>`;
    case 'failed':
      return failureNote(state.failure, {
        heading: streaming.failed,
        advice: adviceOf(state.failure.code),
        again: measureAgain,
      });
    case 'done':
      return streamingResult(state.result);
    default:
      return state satisfies never;
  }
}
