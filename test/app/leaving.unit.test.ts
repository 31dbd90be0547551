// @vitest-environment happy-dom
import { render } from 'lit';
import { afterEach, expect, test } from 'vitest';
import { app } from '../../src/app/app';
import { reportBlocks } from '../../src/app/parts/report_blocks';
import { NO_PROGRESS } from '../../src/app/progress';
import { busy } from '../../src/app/state/busy';
import { askBeforeLeaving } from '../../src/app/state/leaving';
import { making } from '../../src/app/state/making';
import { measuring } from '../../src/app/state/streaming';

afterEach(() => {
  making.value = { name: 'idle' };
  measuring.value = { name: 'idle' };
  document.body.replaceChildren();
});

/** Whether the browser would ask. */
const asks = () => !dispatchEvent(new Event('beforeunload', { cancelable: true }));
const running = { name: 'running', progress: NO_PROGRESS, stopping: false } as const;

test('the browser asks before the page is left while something runs, and not before or after', () => {
  askBeforeLeaving(() => busy.value !== null);
  askBeforeLeaving(() => measuring.value.name === 'running');
  expect(asks()).toBe(false);
  making.value = running;
  measuring.value = running;
  expect(asks()).toBe(true);
  measuring.value = { name: 'idle' };
  expect(asks()).toBe(true);
  making.value = { name: 'idle' };
  expect(asks()).toBe(false);
});

test('links to other sites open beside the page, and are not told whence', () => {
  const place = document.createElement('div');
  document.body.append(place);
  const cell = { text: 'a', url: 'https://example.org' };
  const columns = [{ head: 'of', align: 'start' as const }];
  render([app(), reportBlocks([{ kind: 'table', caption: '', columns, rows: [[cell]] }])], place);
  const outer = [...place.querySelectorAll<HTMLAnchorElement>('a[href^=https]')];
  expect(outer).toHaveLength(3);
  for (const { target, rel } of outer) expect([target, rel]).toEqual(['_blank', 'noreferrer']);
});
