/** A clip on its way into a file. */
import { signal } from '@preact/signals-core';
import { clipLine } from '../../core/clip_line';
import type { ClipResult } from '../../core/clip_run';
import { saveFile } from '../save_file';
import type { ClipFrames } from '../video/clip_frames';
import type { Container } from '../video/encode';
import { fileName } from '../video/file_name';
import { framePng, framesZip } from '../video/stills';
import { type Failure, failureOf } from './failure';

export type Saved = Container | 'png' | 'zip';

export type Saving =
  | { readonly name: 'idle' }
  | { readonly name: 'running'; readonly what: Saved; readonly done: number; readonly total: number }
  | { readonly name: 'done' | 'stopped'; readonly what: Saved }
  | { readonly name: 'failed'; readonly what: Saved; readonly failure: Failure };

export const saving = signal<Saving>({ name: 'idle' });

/** What this browser can make of the clip; null until that is known. */
export const containers = signal<readonly Container[] | null>(null);
/** Why it will not be known. */
export const containersFailure = signal<Failure | null>(null);

let stopper = new AbortController();

/** The library is larger than the page. It is asked for when a run begins: at its end the host may have another version. */
export const loadEncoder = () => import('../video/encode');

export async function findContainers(size: { width: number; height: number }): Promise<void> {
  containers.value = null;
  containersFailure.value = null;
  saving.value = { name: 'idle' };
  try {
    containers.value = await (await loadEncoder()).containersFor(size);
  } catch (error) {
    containersFailure.value = failureOf(error); // frames can be saved without it
  }
}

export const saveVideo = (clip: ClipFrames, { settings, createdAt }: ClipResult, container: Container) =>
  attempt(container, clip.count, fileName(settings, container), async (options) => {
    const tags = { title: settings.prompt, comment: clipLine(settings), date: new Date(createdAt) };
    return (await loadEncoder()).encodeVideo(clip, container, tags, options);
  });

/** `frame` counts from 0; its file's name from 1. */
export const saveFrame = (clip: ClipFrames, { settings }: ClipResult, frame: number) =>
  attempt('png', 1, fileName(settings, 'png', frame), () => framePng(clip, frame));

export const saveFrames = (clip: ClipFrames, { settings, createdAt }: ClipResult) =>
  attempt('zip', clip.count, fileName(settings, 'zip'), (options) =>
    framesZip(clip, { line: clipLine(settings), date: new Date(createdAt), ...options }),
  );

interface Options {
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, total: number) => void;
}

async function attempt(what: Saved, total: number, name: string, make: (options: Options) => Promise<Blob>) {
  if (saving.value.name === 'running') return;
  stopper = new AbortController();
  saving.value = { name: 'running', what, done: 0, total };
  try {
    const file = await make({
      signal: stopper.signal,
      onFrame: (done) => {
        saving.value = { name: 'running', what, done, total };
      },
    });
    saveFile(name, file);
    saving.value = { name: 'done', what };
  } catch (error) {
    const failure = failureOf(error);
    saving.value = failure.code === 'cancelled' ? { name: 'stopped', what } : { name: 'failed', what, failure };
  }
}

export const stopSaving = (): void => stopper.abort();
