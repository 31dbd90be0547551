/** The picture a video begins with: opened, dropped or pasted; and how the model will see it. */
import { signal } from '@preact/signals-core';
import type { Picture } from '../../../workers/engine_api';
import type { ClipSize } from '../../core/clip_run';
import * as engine from '../engine';
import { readPicture } from '../video/read_picture';
import { type Failure, failureOf } from './failure';

export interface GivenPicture {
  readonly name: string;
  readonly picture: Picture;
  /** Tells it from others. */
  readonly id: number;
}

export const picture = signal<GivenPicture | null>(null);
export const pictureFailure = signal<Failure | null>(null);
/** Resized and cropped as the model will see it, at the size in the form. */
export const cropped = signal<Picture | null>(null);

/** Stands for any picture where its pixels do not matter. */
export const EMPTY_PICTURE: Picture = { width: 1, height: 1, pixels: new Uint8ClampedArray(4) };

let count = 0;

export async function givePicture(file: File): Promise<void> {
  pictureFailure.value = null;
  const id = ++count;
  try {
    const read = await readPicture(file);
    if (id !== count) return;
    picture.value = { name: file.name, picture: read, id };
    cropped.value = null;
  } catch (error) {
    if (id === count) pictureFailure.value = failureOf(error);
  }
}

export function removePicture(): void {
  count += 1;
  picture.value = null;
  cropped.value = null;
  pictureFailure.value = null;
}

export async function crop({ picture: given, id }: GivenPicture, size: ClipSize): Promise<void> {
  try {
    const seen = await engine.cropPicture(given, size);
    if (picture.value?.id === id) cropped.value = seen;
  } catch (error) {
    if (picture.value?.id === id) pictureFailure.value = failureOf(error);
  }
}

/** Pictures among pasted or dropped files. */
export const pictureAmong = (files: Iterable<File>): File | undefined =>
  [...files].find(({ type }) => type.startsWith('image/'));
