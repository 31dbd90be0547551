/** Who waits on a worker is told when it is gone, and leaves nothing behind when it answers. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { workerLife } from '../../src/app/worker_life';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const never = () => new Promise<never>(() => {});

test('an answer is given, and so is a failure', async () => {
  const { during } = workerLife();
  await expect(during(Promise.resolve(7))).resolves.toBe(7);
  await expect(during(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('all who wait when it ends are told why, and all who come later', async () => {
  const life = workerLife();
  const waiting = [life.during(never()), life.during(never()), life.ended];
  life.end(new Error('the first reason'));
  life.end(new Error('another'));
  for (const each of [...waiting, life.during(never())]) await expect(each).rejects.toThrow('the first reason');
});

test('an answer is not kept for as long as the worker lives', async () => {
  const life = workerLife();
  const ask = async () => new WeakRef(await life.during(Promise.resolve({ frames: new Uint8Array(1e6) })));
  const answers = await Promise.all([ask(), ask(), ask()]);
  await new Promise((resolve) => setTimeout(resolve, 0)); // a WeakRef holds to the end of its turn
  collectGarbage();
  expect(answers.map((answer) => answer.deref())).toEqual([undefined, undefined, undefined]);
  await expect(life.during(Promise.resolve(1))).resolves.toBe(1);
});
