// @vitest-environment happy-dom
import { render } from 'lit';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { linkButton, linkNote } from '../../src/app/parts/link_button';
import { words } from '../../src/app/state/settings';
import { exampleResult } from '../compare/example_result';

afterEach(() => document.body.replaceChildren());

test('a browser that cannot be promised a text shows the link to be copied by hand', async () => {
  const { ClipboardItem } = globalThis;
  Reflect.deleteProperty(globalThis, 'ClipboardItem'); // Firefox before 127
  onTestFinished(() => void Object.assign(globalThis, { ClipboardItem }));
  const result = exampleResult();
  const place = document.createElement('div');
  document.body.append(place);
  const draw = () => render([linkButton(result), linkNote(result)], place);
  draw();
  place.querySelector('button')!.click();
  await vi.waitFor(() => {
    draw();
    expect(place.querySelector('.link-note')!.textContent).toContain(words.value.runs.link.notCopied);
  });
  expect(place.querySelector('input')!.value).toMatch(/#compare\?/);
});
