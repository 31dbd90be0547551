/** A clip on its way into a file. */
import { signal } from '@preact/signals-core';
import { clipLine } from '../../core/clip_line';
import type { ClipResult } from '../../core/clip_run';
import { lateCode } from '../late_code';
import { saveFile } from '../save_file';
import type { ClipFrames } from '../video/clip_frames';
import type { Container } from '../video/encode';
import { fileName } from '../video/file_name';
import { framePng, framesZip } from '../video/stills';
import { type Failure, failureOf } from './failure';

export type Saved = Container | 'png' | 'zip';

export type Saving =
  | { readonly name: 'idle' }
  /** `of` which video: the next one may be on the page before this one is saved. */
  | ({ readonly of: ClipResult; readonly what: Saved } & (
      | { readonly name: 'running'; readonly done: number; readonly total: number }
      | { readonly name: 'done' | 'stopped' }
      | { readonly name: 'failed'; readonly failure: Failure }
    ));

export const saving = signal<Saving>({ name: 'idle' });

/** What this browser can make of the clip; null until that is known. */
export const containers = signal<readonly Container[] | null>(null);
/** Why it will not be known. */
export const containersFailure = signal<Failure | null>(null);

let stopper = new AbortController();

/** The library is larger than the page. It is asked for when a run begins: at its end the host may have another version. */
export const loadEncoder = () => lateCode(() => import('../video/encode'));

export async function findContainers(size: { width: number; height: number }): Promise<void> {
  containers.value = null;
  containersFailure.value = null;
  try {
    containers.value = await (await loadEncoder()).containersFor(size);
  } catch (error) {
    containersFailure.value = failureOf(error); // frames can be saved without it
  }
}

export const saveVideo = (clip: ClipFrames, result: ClipResult, container: Container) =>
  attempt(result, container, clip.count, fileName(result.settings, container), async (options) => {
    const { settings, createdAt } = result;
    const tags = { title: settings.prompt, comment: clipLine(settings), date: new Date(createdAt) };
    return (await loadEncoder()).encodeVideo(clip, container, tags, options);
  });

/** `frame` counts from 0; its file's name from 1. */
export const saveFrame = (clip: ClipFrames, result: ClipResult, frame: number) =>
  attempt(result, 'png', 1, fileName(result.settings, 'png', frame), () => framePng(clip, frame));

export const saveFrames = (clip: ClipFrames, result: ClipResult) =>
  attempt(result, 'zip', clip.count, fileName(result.settings, 'zip'), (options) =>
    framesZip(clip, { line: clipLine(result.settings), date: new Date(result.createdAt), ...options }),
  );

interface Options {
  readonly signal: AbortSignal;
  readonly onFrame: (done: number, total: number) => void;
}

async function attempt(
  of: ClipResult,
  what: Saved,
  total: number,
  name: string,
  make: (options: Options) => Promise<Blob>,
): Promise<void> {
  if (saving.value.name === 'running') return;
  stopper = new AbortController();
  saving.value = { name: 'running', of, what, done: 0, total };
  try {
    const file = await make({
      signal: stopper.signal,
      onFrame: (done) => {
        saving.value = { name: 'running', of, what, done, total };
      },
    });
    saveFile(name, file);
    saving.value = { name: 'done', of, what };
  } catch (error) {
    const failure = failureOf(error);
    saving.value = failure.code === 'cancelled' ? { name: 'stopped', of, what } : { name: 'failed', of, what, failure };
  }
}

export const stopSaving = (): void => stopper.abort();
