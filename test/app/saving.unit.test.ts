// @vitest-environment happy-dom
/** Whose saving is shown, when the next video is made meanwhile. */
import { render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { saveRow } from '../../src/app/parts/save_row';
import { clipFrames } from '../../src/app/state/film';
import { containers, findContainers, saving } from '../../src/app/state/saving';
import { words } from '../../src/app/state/settings';
import type { ClipResult } from '../../src/core/clip_run';

const video = (createdAt: string) =>
  ({ createdAt, settings: { prompt: 'a circle', width: 32, height: 32, seed: 1 } }) as ClipResult;
const [first, next] = [video('first'), video('next')];
const place = document.createElement('div');
function shown(result: ClipResult) {
  render(saveRow(result), place);
  return place;
}

afterEach(() => {
  render(null, place);
  saving.value = { name: 'idle' };
  clipFrames.value = null;
  containers.value = null;
});

test('goes on under the next video by its own name, and its end is not said of that one', async () => {
  const { save: say } = words.value.generate;
  const noPixels = { width: 0, height: 0, count: 1, framesPerSecond: 24, frames: [new Uint8ClampedArray(0)] };
  clipFrames.value = { ...noPixels, pixelsThere: [0] };
  saving.value = { name: 'running', of: first, what: 'zip', done: 3, total: 17 };
  await findContainers(next.settings);
  expect(saving.value.name).toBe('running');
  expect(shown(first).querySelector('.saving')!.textContent).toContain(say.running(3, 17));
  expect(shown(next).querySelector('.saving')!.textContent).toContain(say.runningBefore(3, 17));
  for (const button of place.querySelectorAll<HTMLButtonElement>('.saves button')) {
    expect(button.disabled).toBe(false); // the one that was pressed keeps the focus
    expect(button.getAttribute('aria-disabled')).toBe('true');
    button.click();
  }
  expect(saving.value).toMatchObject({ name: 'running', of: first });
  saving.value = { name: 'done', of: first, what: 'zip' };
  expect(shown(first).querySelector('[role=status]')!.textContent).toBe(say.done);
  expect(shown(next).querySelector('[role=status]')!.textContent).toBe('');
});
