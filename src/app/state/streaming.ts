/** The measurement of what streaming costs: what is chosen, what it would mean, and how it went. */
import { computed, signal } from '@preact/signals-core';
import type { StreamingChoice, StreamingOutlook, StreamingResult } from '../../../workers/engine_api';
import type { Remark, RunEvent } from '../../core/events';
import * as engine from '../engine';
import * as loader from '../loader';
import { canRun } from '../model_status';
import { advance, NO_PROGRESS, type Progress } from '../progress';
import { type Failure, failureOf, throwIfStopping } from './failure';
import { inspectedModels } from './inspected';
import { lookAtMachine, machineState } from './machine';
import { watchHidden } from './visibility';

export const MADE_UP = ['bf16', 'f16', 'f32', 'q8_0'] as const;
export type MadeUp = (typeof MADE_UP)[number];

export interface StreamingForm {
  /** Null: one that suits the machine. */
  readonly preset: string | null;
  /** A type of made-up weights, or a model by its id. */
  readonly weights: MadeUp | { readonly model: string };
  /** 'all' streams every weight, as if there were no memory to keep one. */
  readonly residency: 'resident' | 'stream' | 'all';
  readonly memoryGib: number;
  readonly steps: number;
}

export const GIB = 2 ** 30;

export const streamingForm = signal<StreamingForm>({
  preset: null,
  weights: 'bf16',
  residency: 'stream',
  memoryGib: 4,
  steps: 3,
});

export function changeForm(changes: Partial<StreamingForm>): void {
  streamingForm.value = { ...streamingForm.value, ...changes };
}

/** The models here that hold a transformer that can be run. */
export const streamable = computed(() => inspectedModels.value.filter(({ inspection }) => canRun(inspection, 'dit')));

/** A software adapter's steps take minutes at any other size. */
const PRESET = { software: '256x256x5', gpu: '640x352x17' } as const;

/** Null until the machine is known. A model that is no longer here gives way to made-up weights. */
export const streamingChoice = computed((): StreamingChoice | null => {
  if (machineState.value.name !== 'ready') return null;
  const { preset, weights, residency, memoryGib, steps } = streamingForm.value;
  const { software } = machineState.value.machine;
  return {
    preset: preset ?? (software ? PRESET.software : PRESET.gpu),
    weights: typeof weights === 'string' ? { kind: 'memory', type: weights } : ofModel(weights.model),
    residency: residency === 'resident' ? 'resident' : 'stream',
    memoryBytes: residency === 'stream' ? Math.round(memoryGib * GIB) : null,
    steps,
  };
});

function ofModel(id: string): StreamingChoice['weights'] {
  const model = streamable.value.find((each) => each.id === id);
  return model ? { kind: 'files', keys: model.keys } : { kind: 'memory', type: 'bf16' };
}

export type Outlook =
  | { readonly name: 'none' | 'planning' }
  | { readonly name: 'ready'; readonly choice: StreamingChoice; readonly outlook: StreamingOutlook }
  | { readonly name: 'impossible'; readonly failure: Failure };

export const outlook = signal<Outlook>({ name: 'none' });

let turn = 0;

/** What `choice` would mean; an answer to an older question is dropped. */
export async function look(choice: StreamingChoice): Promise<void> {
  const mine = ++turn;
  if (outlook.value.name === 'none') outlook.value = { name: 'planning' };
  let next: Outlook;
  try {
    if (choice.weights.kind === 'files') await loader.connectEngine();
    next = { name: 'ready', choice, outlook: await engine.planStreaming(choice) };
  } catch (error) {
    next = { name: 'impossible', failure: failureOf(error) };
  }
  if (mine === turn) outlook.value = next;
}

export type Probe =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly stopping: boolean }
  | { readonly name: 'done'; readonly bytes: number }
  | { readonly name: 'failed'; readonly failure: Failure };

export const probe = signal<Probe>({ name: 'idle' });

/** `allow` takes what may be used of it. */
export async function probeMemory(allow: (gib: number) => void): Promise<void> {
  probe.value = { name: 'running', stopping: false };
  try {
    const bytes = await engine.probeMemory();
    probe.value = { name: 'done', bytes };
    allow(Math.max(0.25, Math.floor((bytes * 0.9 * 4) / GIB) / 4));
  } catch (error) {
    const failure = failureOf(error);
    probe.value = failure.code === 'cancelled' ? { name: 'idle' } : { name: 'failed', failure };
  }
}

export async function stopProbe(): Promise<void> {
  if (probe.value.name !== 'running' || probe.value.stopping) return;
  probe.value = { name: 'running', stopping: true };
  await engine.stop();
}

/** With the conditions that colour it, as they are saved. */
export interface RemarkedResult extends StreamingResult {
  readonly remarks: readonly Remark[];
}

export type Measuring =
  | { readonly name: 'idle' | 'stopped' }
  | { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'done'; readonly result: RemarkedResult };

export const measuring = signal<Measuring>({ name: 'idle' });

export async function measure(): Promise<void> {
  const choice = streamingChoice.value;
  if (!choice || measuring.value.name === 'running') return;
  measuring.value = { name: 'running', progress: NO_PROGRESS, stopping: false };
  const wasHidden = watchHidden();
  try {
    if (choice.weights.kind === 'files') await loader.connectEngine();
    throwIfStopping(measuring.value);
    const result = await engine.measureStreaming(choice, follow);
    const remarks: Remark[] = [];
    if (result.machine.software)
      remarks.push({ code: 'software-adapter', values: { adapter: result.machine.adapter } });
    if (wasHidden()) remarks.push({ code: 'hidden-tab', values: {} });
    measuring.value = { name: 'done', result: { ...result, remarks } };
  } catch (error) {
    const failure = failureOf(error);
    measuring.value = failure.code === 'cancelled' ? { name: 'stopped' } : { name: 'failed', failure };
  } finally {
    wasHidden();
  }
}

/** Half of the bar is loading, half the steps: neither is known before. */
function follow(event: RunEvent): void {
  const state = measuring.value;
  if (state.name !== 'running') return;
  const { stages } = state.progress;
  const before = stages.length > 0 ? state.progress : advance(NO_PROGRESS, beginAt(event.atMs));
  measuring.value = { ...state, progress: advance(before, event) };
}

const beginAt = (atMs: number): RunEvent => ({
  type: 'run-begin',
  atMs, // the worker's clock
  title: '',
  stages: (['load', 'denoise'] as const).map((stage) => ({ stage, share: 0.5 })),
  estimateSeconds: 0,
});

export async function stopMeasuring(): Promise<void> {
  if (measuring.value.name !== 'running' || measuring.value.stopping) return;
  measuring.value = { ...measuring.value, stopping: true };
  await engine.stop();
}

/** After a lost device the next call makes a new worker; the machine may have changed. */
export async function measureAgain(): Promise<void> {
  await lookAtMachine();
  await measure();
}
