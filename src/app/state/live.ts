/** A run on a server: what is asked of which, how it goes, and the rows it leaves. */
import { computed, signal } from '@preact/signals-core';
import { type ClipSettings, clipProblems } from '../../core/clip';
import type { ClipResult } from '../../core/clip_run';
import { DEFAULT_NEGATIVE_PROMPT } from '../../core/negative_prompt';
import type { Run } from '../../core/run';
import { WAN22_FRAMES_PER_SECOND } from '../../core/wan22_name';
import type { Probed } from '../../servers/probe';
import { type ServerKind, type ServerProgress, serverUrl } from '../../servers/server';
import { runErrand } from '../servers';
import { type ClipFrames, isWhole } from '../video/clip_frames';
import { isWritten } from './clip_form';
import { type Failure, failureOf } from './failure';
import { clipFrames } from './film';
import { making } from './making';
import { keptRuns } from './own_runs';
import { serverRuns, stepsOfClip } from './results';

export interface LiveForm {
  readonly address: string;
  /** Null: to be found out. */
  readonly kind: ServerKind | null;
  /** In memory alone: never kept, never shown again. */
  readonly token: string;
  readonly card: string;
  readonly limitMinutes: number;
  /** `createdAt` of a local clip; null: the settings below. */
  readonly clip: string | null;
}

export const liveForm = signal<LiveForm>({
  address: '',
  kind: null,
  token: '',
  card: '',
  limitMinutes: 60,
  clip: null,
});

/** Where no local video is to be repeated. The model's own defaults, at a size that most cards can do. */
export const liveSettings = signal<ClipSettings>({
  prompt: '',
  negativePrompt: DEFAULT_NEGATIVE_PROMPT,
  ...{ width: 832, height: 480, frames: 33 },
  ...{ steps: 50, solver: 'unipc', schedule: 'even', shift: 5, guidance: 5 },
  ...{ seed: 42, noise: 'torch-cpu', decoder: 'vae', tokenizer: 'fast' },
});

export function changeLiveForm(changes: Partial<LiveForm>): void {
  liveForm.value = { ...liveForm.value, ...changes };
}

/** A token is for the server that it was given for. */
export function changeAddress(address: string): void {
  const isOther = originOf(address) !== originOf(liveForm.value.address);
  changeLiveForm({ address, ...(isOther && { token: '' }) });
}

function originOf(address: string): string | null {
  try {
    return new URL(serverUrl(address)).origin;
  } catch {
    return null; // not written to its end yet
  }
}

export function changeLiveSettings(changes: Partial<ClipSettings>): void {
  liveSettings.value = { ...liveSettings.value, ...changes };
}

/** Finished videos of this machine, newest first. */
export const localClips = computed((): readonly ClipResult[] => {
  const made = making.value.name === 'done' ? [making.value.result] : [];
  const kept = keptRuns.value.flatMap(({ run, madeHere }) =>
    madeHere && run.schema === 'wanscope-video' ? [run] : [],
  );
  return [...made, ...kept.filter(({ createdAt }) => made.every((each) => each.createdAt !== createdAt))];
});

/** The clip that is to be repeated; null: what the form says. */
export const liveClip = computed(
  () => localClips.value.find(({ createdAt }) => createdAt === liveForm.value.clip) ?? null,
);

export const liveProblems = computed(() => (liveClip.value ? [] : clipProblems(liveSettings.value)));

export const canAsk = computed(
  () =>
    liveForm.value.address.trim() !== '' &&
    liveForm.value.limitMinutes > 0 &&
    liveProblems.value.length === 0 &&
    isWritten(liveClip.value?.settings ?? liveSettings.value),
);

export type Live =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly progress: ServerProgress; readonly stopping: boolean }
  | { readonly name: 'stopped' }
  | { readonly name: 'failed'; readonly failure: Failure }
  | LiveDone;

export interface LiveDone {
  readonly name: 'done';
  readonly run: Run;
  readonly settings: ClipSettings;
  /** Null where it did not come. Its address is good until the next run. */
  readonly video: { readonly file: Blob; readonly address: string } | null;
  /** What it repeats, with its frames where they are still here. */
  readonly clip: ClipResult | null;
  readonly frames: ClipFrames | null;
}

export const live = signal<Live>({ name: 'idle' });
/** What was found at the address that was last asked. */
export const probed = signal<Probed | null>(null);

let stopper = new AbortController();

export async function startLive(): Promise<void> {
  if (live.value.name === 'running' || !canAsk.value) return;
  if (live.value.name === 'done' && live.value.video) URL.revokeObjectURL(live.value.video.address);
  stopper = new AbortController();
  const { signal } = stopper;
  const clip = liveClip.value;
  const frames = framesOf(clip);
  const settings = clip?.settings ?? liveSettings.value;
  live.value = { name: 'running', progress: { activity: 'asking', done: 0, total: 0 }, stopping: false };
  probed.value = null;
  try {
    const errand = {
      ...liveForm.value,
      settings,
      more: {
        framesPerSecond: clip?.framesPerSecond ?? WAN22_FRAMES_PER_SECOND,
        steps: clip ? stepsOfClip(clip) : liveSettings.value.steps,
        hasImage: (clip?.stages.image ?? null) !== null,
      },
      onFound: (found: Probed) => {
        probed.value = found;
      },
    };
    const { run, video } = await runErrand(errand, {
      signal,
      patience: { jobSeconds: liveForm.value.limitMinutes * 60 },
      onProgress: (progress) => {
        if (live.value.name === 'running') live.value = { ...live.value, progress };
      },
    });
    serverRuns.value = [run, ...serverRuns.value];
    const playable = video && { file: video, address: URL.createObjectURL(video) };
    live.value = { name: 'done', run, settings, video: playable, clip, frames };
  } catch (error) {
    const failure = failureOf(error);
    live.value = failure.code === 'cancelled' ? { name: 'stopped' } : { name: 'failed', failure };
  }
}

export function stopLive(): void {
  if (live.value.name !== 'running' || live.value.stopping) return;
  live.value = { ...live.value, stopping: true };
  stopper.abort();
}

/** Of the last video alone there are frames. */
function framesOf(clip: ClipResult | null): ClipFrames | null {
  const frames = clipFrames.value;
  const isLast = making.value.name === 'done' && making.value.result === clip;
  return isLast && frames && isWhole(frames) ? frames : null;
}
