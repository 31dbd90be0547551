// @vitest-environment happy-dom
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { acceptDrops } from '../../src/app/parts/drops';
import * as picture from '../../src/app/state/picture';
import { view } from '../../src/app/state/route';

beforeAll(() => {
  acceptDrops();
  view.value = 'generate';
});
afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});
afterAll(() => {
  view.value = 'benchmark';
});

/** With a picture, as cells of a spreadsheet come, and the picture of a screen. */
function paste(target: Element, text: string): void {
  document.body.append(target);
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
  if (text) clipboardData.setData('text/plain', text);
  target.dispatchEvent(Object.assign(new Event('paste', { bubbles: true }), { clipboardData }));
}

test('a picture is taken, but for that of a text that goes into a field', () => {
  const taken = vi.spyOn(picture, 'givePicture').mockResolvedValue();
  // happy-dom knows no :read-write.
  const field = () => Object.assign(document.createElement('textarea'), { closest: () => field });
  paste(field(), 'a red circle');
  expect(taken).not.toHaveBeenCalled();
  paste(field(), '');
  expect(taken).toHaveBeenCalledTimes(1);
  paste(document.createElement('button'), 'a red circle');
  expect(taken).toHaveBeenCalledTimes(2);
});
