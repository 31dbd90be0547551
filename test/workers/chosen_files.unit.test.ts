import { expect, test } from 'vitest';
import { chosenFiles } from '../../workers/chosen_files';

const file = (path: string) => ({ path, file: new File([path], path) });

test('a chosen file is read by its key until it is forgotten', async () => {
  const files = chosenFiles();
  const [a, b] = [files.keep(file('a')), files.keep(file('b'))];
  expect(await files.open(b).read(0, 1)).toEqual(Uint8Array.of(0x62));
  files.forget(b);
  expect(() => files.open(b)).toThrow(expect.objectContaining({ code: 'weights-missing' }));
  expect(files.find(a)?.path).toBe('a');
});

test('a key of a loader that ended means none of the next one’s files', () => {
  const key = chosenFiles().keep(file('a'));
  const next = chosenFiles();
  for (let i = 0; i < 100; i++) next.keep(file(`b${i}`));
  expect(next.find(key)).toBeUndefined();
  expect(() => next.open(key)).toThrow(/not among the 100/);
});
