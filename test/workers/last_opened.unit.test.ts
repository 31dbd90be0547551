/** When files are closed: not while they are read, and then soon. */
import { beforeEach, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { type LastOpened, lastOpened } from '../../workers/last_opened';

/** Names of what is open now; twice where it is open twice. */
let open: string[];
let files: LastOpened<string>;
beforeEach(() => {
  open = [];
  files = lastOpened();
});

const borrow = (name: string, ready: Promise<unknown> = Promise.resolve()) =>
  files.borrow(name, async (opened) => {
    await ready;
    open.push(name);
    opened.push({ close: () => open.splice(open.indexOf(name), 1) });
    return name;
  });
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('the last one stays open, and is opened once', async () => {
  for (let i = 0; i < 2; i++) {
    const { value, giveBack } = borrow('a');
    expect(await value).toBe('a');
    giveBack();
  }
  await settled();
  expect(open).toEqual(['a']);
});

test('another one closes it, but not under its user', async () => {
  const run = borrow('a');
  await run.value;
  const other = borrow('b');
  await other.value;
  other.giveBack();
  await settled();
  expect(open).toEqual(['a', 'b']);
  run.giveBack();
  await settled();
  expect(open).toEqual(['b']);
});

test('what is asked for again while it is still in use is opened anew, and each is closed', async () => {
  const run = borrow('a');
  await run.value;
  borrow('b').giveBack();
  const again = borrow('a');
  await again.value;
  again.giveBack();
  await settled();
  expect(open).toEqual(['a', 'a']);
  run.giveBack();
  await settled();
  expect(open).toEqual(['a']);
});

test('what is given back while it opens is closed when it has opened', async () => {
  let ready = () => {};
  const opening = borrow('a', new Promise<void>((resolve) => (ready = resolve)));
  opening.giveBack();
  files.letGo('a');
  files.letGo('b');
  ready();
  await opening.value;
  await settled();
  expect(open).toEqual([]);
});

test('what failed to open is closed, and opened anew', async () => {
  const failing = files.borrow('a', async (opened) => {
    open.push('half of a');
    opened.push({ close: () => open.splice(0) });
    throw new AppError('weights-missing', 'a has no transformer.');
  });
  await expect(failing.value).rejects.toThrow('a has no transformer.');
  failing.giveBack();
  await settled();
  expect(open).toEqual([]);
  expect(await borrow('a').value).toBe('a');
});
