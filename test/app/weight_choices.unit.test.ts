// @vitest-environment happy-dom
import { render } from 'lit';
import { expect, test } from 'vitest';
import { choiceList } from '../../src/app/parts/weight_choices';
import { setLanguage } from '../../src/app/state/settings';

const choices = (count: number) =>
  Array.from({ length: count }, (_, at) => ({
    ...({ name: `${at}.gguf`, format: 'gguf', files: [], bytes: 1, missing: 0 } as const),
  }));

function shown(count: number): { buttons: number; text: string } {
  setLanguage('en');
  const place = document.createElement('div');
  render(choiceList(choices(count)), place);
  return { buttons: place.querySelectorAll('.choice').length, text: place.textContent! };
}

test('of a long list of weights the first are shown, and how many more there are', () => {
  expect(shown(9000)).toEqual({ buttons: 200, text: expect.stringContaining('And 8800 more.') });
  expect(shown(200)).toEqual({ buttons: 200, text: expect.not.stringContaining('more') });
});
