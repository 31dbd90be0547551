/** The making of one video, from Generate to its last frame, Stop or failure; and what an earlier one left to do. */
import { computed, signal } from '@preact/signals-core';
import type { ClipListeners, UnfinishedRun } from '../../../workers/engine_api';
import type { ClipSettings } from '../../core/clip';
import { clipLine } from '../../core/clip_line';
import type { ClipResult } from '../../core/clip_run';
import { nowMs } from '../../core/clock';
import * as engine from '../engine';
import { advance, type Milestone, milestoneBetween, NO_PROGRESS, type Progress } from '../progress';
import { noFrames, withPixels } from '../video/clip_frames';
import { changeSettings, clipChoice, newSeed, smallestSize } from './clip_form';
import { type Failure, failureOf, throwIfStopping } from './failure';
import { clipFrames, clipPreview, filmSettings } from './film';
import { lookAtMachine } from './machine';
import { startPlaying } from './player';
import { findContainers, loadEncoder } from './saving';
import { connectFor, openedModel } from './video_model';

export type Making =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly progress: Progress; readonly stopping: boolean }
  | { readonly name: 'stopped'; readonly seconds: number }
  | { readonly name: 'failed'; readonly failure: Failure }
  | { readonly name: 'done'; readonly result: ClipResult };

export const making = signal<Making>({ name: 'idle' });
export const clipMilestone = signal<Milestone | null>(null);
/** What this browser began last and did not finish; null where there is nothing, or nobody has looked yet. */
export const unfinished = signal<UnfinishedRun | null>(null);

/** What was just made, or begun, is what can be gone on with; not an older one. */
export const isKept = computed((): boolean => {
  const [left, made] = [unfinished.value, filmSettings.value];
  return left !== null && made !== null && clipLine(left.clip.settings) === clipLine(made);
});

/** Makes what the form says. */
export async function make(): Promise<void> {
  const choice = clipChoice.value;
  if (!choice) return;
  await attempt(choice.settings, [choice.model, ...choice.loras], (listeners) => engine.makeClip(choice, listeners));
}

export async function makeWithNewSeed(): Promise<void> {
  changeSettings({ seed: newSeed() });
  await make();
}

/** In the form; whoever asked for it makes the video when the rest of it suits, too. */
export function chooseSmallest(): void {
  if (smallestSize.value) changeSettings(smallestSize.value);
  making.value = { name: 'idle' };
}

/** Goes on with what was left unfinished, after its last step. */
export async function goOn(): Promise<void> {
  const opened = openedModel.value;
  const left = unfinished.value;
  if (!left || opened.name !== 'ready') return;
  const { settings, lorasFingerprint } = left.clip;
  changeSettings(settings);
  const weights = [opened.choice, ...(lorasFingerprint === null ? [] : [{ keys: [] }])];
  await attempt(settings, weights, (listeners) => engine.resumeClip(left.id, opened.choice, listeners));
}

async function attempt(
  settings: ClipSettings,
  weights: Parameters<typeof connectFor>,
  run: (listeners: ClipListeners) => Promise<ClipResult>,
): Promise<void> {
  const opened = openedModel.value;
  if (making.value.name === 'running' || opened.name !== 'ready') return;
  const beganMs = nowMs();
  // After a lost device the next call makes a new worker; the machine may have changed.
  const isAfterFailure = making.value.name === 'failed';
  making.value = { name: 'running', progress: NO_PROGRESS, stopping: false };
  clipMilestone.value = null;
  clipPreview.value = null;
  filmSettings.value = settings;
  clipFrames.value = noFrames(settings, opened.model.framesPerSecond);
  unfinished.value = null; // one thing at a time
  startPlaying();
  loadEncoder().catch(() => {}); // it is asked for again at the end
  try {
    if (isAfterFailure) await lookAtMachine();
    await connectFor(...weights);
    throwIfStopping(making.value);
    const result = await run({
      onEvent: (event) => {
        if (making.value.name === 'running') follow(making.value, advance(making.value.progress, event));
      },
      // The last ones may come after the result: each way to the page keeps its own order only.
      onFrames: (part) => {
        if (clipFrames.value) clipFrames.value = withPixels(clipFrames.value, part);
      },
      onPreview: (preview) => {
        clipPreview.value = preview;
      },
    });
    making.value = { name: 'done', result };
    void findContainers(settings);
    clipMilestone.value = { name: 'done' };
  } catch (error) {
    const failure = failureOf(error);
    const isStopped = failure.code === 'cancelled';
    making.value = isStopped ? { name: 'stopped', seconds: (nowMs() - beganMs) / 1000 } : { name: 'failed', failure };
    clipMilestone.value = { name: isStopped ? 'stopped' : 'failed' };
  }
  await lookForUnfinished();
}

function follow(before: Making & { name: 'running' }, progress: Progress): void {
  making.value = { ...before, progress };
  clipMilestone.value = milestoneBetween(before.progress, progress) ?? clipMilestone.value;
}

export async function stopMaking(): Promise<void> {
  if (making.value.name !== 'running' || making.value.stopping) return;
  making.value = { ...making.value, stopping: true };
  await engine.stop();
}

export async function lookForUnfinished(): Promise<void> {
  // Where nothing can be kept, there is nothing to go on with.
  const found = await engine.unfinishedClip().catch(() => null);
  if (making.value.name !== 'running') unfinished.value = found;
}

/** What is shown; then an older one may be. */
export async function discard(): Promise<void> {
  const left = unfinished.value;
  if (!left) return;
  unfinished.value = null;
  await engine.discardUnfinished(left.id);
  await lookForUnfinished();
}
