// @vitest-environment happy-dom
/** The look at weights, while a server lets it wait. The loader is stood in for. */
import { render } from 'lit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as loader from '../../src/app/loader';
import { addModel } from '../../src/app/parts/add_model';
import { find, looking, query } from '../../src/app/state/looking';
import { words } from '../../src/app/state/settings';
import { now, waits } from '../../src/app/state/waits';
import type { WeightChoice } from '../../workers/loader_api';

const place = document.createElement('div');
function drawn(): HTMLElement {
  render(addModel(), place);
  return place;
}
const CHOICES: WeightChoice[] = ['a', 'b'].map((name) => ({ name, format: 'gguf', files: [], bytes: 1, missing: 0 }));

beforeEach(() => {
  document.body.append(place);
  vi.spyOn(loader, 'watchWaits').mockResolvedValue();
  vi.spyOn(loader, 'stopLooking').mockResolvedValue();
  query.value = 'owner/name';
});
afterEach(() => {
  vi.restoreAllMocks();
  render(null, place);
  document.body.replaceChildren();
  looking.value = { name: 'idle' };
  query.value = '';
  waits.value = new Map();
});

test('can be given up, and the seconds that it waits are not read out', async () => {
  vi.spyOn(loader, 'find').mockReturnValue(new Promise(() => {}));
  void find();
  waits.value = new Map([['https://hub', { why: 'rate-limited', untilMs: now.value + 600_000 }]]);
  const { add, download } = words.value.weights;
  expect(drawn().textContent).toContain(download.waiting['rate-limited'](600));
  expect(place.querySelector('[role=status]')!.textContent).toBe(add.looking('owner/name'));
  expect(place.querySelector<HTMLButtonElement>('.look')!.disabled).toBe(false);
  place.querySelector<HTMLButtonElement>('.while-looking button')!.click();
  expect(looking.value).toEqual({ name: 'idle' });
  expect(loader.stopLooking).toHaveBeenCalledOnce();
});

test('gives way to a newer one', async () => {
  const older = Promise.reject(new Error('given up'));
  older.catch(() => {});
  vi.spyOn(loader, 'find').mockReturnValueOnce(older).mockResolvedValueOnce(CHOICES);
  await Promise.all([find(), find()]);
  expect(loader.stopLooking).toHaveBeenCalledOnce();
  expect(looking.value).toEqual({ name: 'choices', choices: CHOICES });
});

test('that failed is an alert', async () => {
  vi.spyOn(loader, 'find').mockRejectedValue(new Error('no such host'));
  await find();
  expect(drawn().querySelector('[role=alert]')!.textContent).toContain('no such host');
});
