/** Which of the unfinished videos are kept, shown and deleted. */
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { keepEmbeddings } from '../../src/generate/embeddings';
import type { Unfinished } from '../../src/generate/unfinished';
import { keptRuns, lenient, type RunStore } from '../../workers/kept_runs';
import { keyValues } from '../support/key_values';
import { unfinishedExample } from '../support/unfinished_example';

let store: RunStore;
beforeEach(() => {
  store = keyValues();
});

const WAY = { loras: [], residency: 'stream', memoryBytes: 2 ** 31, previewEvery: 2 } as const;
/** A run that began in this minute, by the date at that time. */
const idAt = (minute: number) => keptRuns(store).newId(Date.UTC(2026, 0, 1, 0, minute));
const after = (stepsDone: number): Unfinished => {
  const { clip, state, image } = unfinishedExample(true);
  return { clip: { ...clip, stepsDone }, state: { ...state, done: stepsDone }, image };
};

test('a run is kept under its own id, as its last step left it and as it was asked for', async () => {
  const runs = keptRuns(store);
  const [first, second] = [await idAt(1), await idAt(2)];
  const keepers = [runs.keeper(first, WAY), runs.keeper(second, { ...WAY, residency: 'resident' })] as const;
  for (const steps of [1, 2, 3]) await keepers[0].keep(after(steps));
  await keepers[1].keep(after(5));
  await keepers[0].keep(after(4)); // as in another tab
  expect(await runs.latest()).toEqual({ id: second, unfinished: after(5), way: { ...WAY, residency: 'resident' } });
  await keepers[1].finish();
  expect(await runs.latest()).toEqual({ id: first, unfinished: after(4), way: WAY });
  expect(await runs.read(second)).toBeNull();
});

test('a run that is under way in another tab is not offered, and the one before it is', async () => {
  const runs = keptRuns(store);
  const [left, underWay] = [await idAt(1), await idAt(2)];
  for (const id of [left, underWay]) await runs.keeper(id, WAY).keep(after(1));
  expect((await runs.latest(new Set([underWay])))?.id).toBe(left);
  expect(await runs.latest(new Set([left, underWay]))).toBeNull();
});

test('the oldest goes when there are too many, in whatever tab it began', async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map(idAt));
  for (const id of ids) await keptRuns(store).keeper(id, WAY).keep(after(1));
  expect([...(await store.keys())].sort()).toEqual(ids.slice(-3));
});

test('after the date was set back the newest is still the newest: it is offered, and the oldest goes', async () => {
  // As they were named before: by the date alone.
  const old = ['unfinished', 'unfinished 2026-01-01T05:00:00.000Z 0b9c2f4e-6a51-4f0e-9d0c-6f6a2f0d8e11'];
  const begin = async (id: string) => {
    await keptRuns(store).keeper(id, WAY).keep(after(1));
    return id;
  };
  for (const id of old) await begin(id);
  const made: string[] = [];
  for (const minute of [2, 1, 1]) {
    made.push(await begin(await idAt(minute)));
    expect((await keptRuns(store).latest())?.id).toBe(made.at(-1));
  }
  expect([...(await store.keys())].sort()).toEqual(made);
});

test('a run that goes on makes no other go', async () => {
  const ids = await Promise.all([1, 2, 3].map(idAt));
  for (const id of ids) await keptRuns(store).keeper(id, WAY).keep(after(1));
  const resumed = keptRuns(store).keeper(ids[0]!, WAY);
  await resumed.keep(after(2));
  expect([...(await store.keys())].sort()).toEqual(ids);
  await resumed.finish();
  expect([...(await store.keys())].sort()).toEqual(ids.slice(1));
});

test('what does not read any more goes, and the one before it is shown; embeddings are no runs', async () => {
  const runs = keptRuns(store);
  const id = await idAt(1);
  await runs.keeper(id, WAY).keep(after(1));
  await store.set(await idAt(2), { bytes: new Uint8Array(40), way: WAY });
  await store.set('embeddings 0', 'x');
  expect((await runs.latest())?.id).toBe(id);
  expect([...(await store.keys())].sort()).toEqual(['embeddings 0', id]);
  await runs.delete(id);
  expect(await runs.latest()).toBeNull();
});

const full = (): RunStore => ({
  ...store,
  set: () => Promise.reject(new DOMException('no room', 'QuotaExceededError')),
});

test('a disk that is full keeps the state before, and ends no run', async () => {
  const id = await idAt(1);
  await keptRuns(store).keeper(id, WAY).keep(after(1));
  const keeper = keptRuns(full()).keeper(id, WAY);
  for (const steps of [2, 3]) await keeper.keep(after(steps));
  expect((await keptRuns(store).latest())?.unfinished).toEqual(after(1));
  await keeper.finish();
  expect(await store.keys()).toEqual([]);
});

test('a disk that is full keeps the embeddings before, and new ones are made anew each time', async () => {
  await keepEmbeddings(store, 'encoder', 2).set([5, 1], Float32Array.of(1, 2, 3, 4));
  const embeddings = keepEmbeddings(lenient(full()), 'encoder', 2);
  await embeddings.set([6], Float32Array.of(5, 6));
  expect(await embeddings.get([6])).toBeNull();
  expect(await embeddings.get([5, 1])).toEqual(Float32Array.of(1, 2, 3, 4));
});

test('a browser that keeps nothing ends no run, and prompts are encoded anew', async () => {
  const refuse = () => Promise.reject(new DOMException('The storage is blocked.', 'SecurityError'));
  const closed: RunStore = { get: refuse, set: refuse, delete: refuse, keys: refuse };
  const said = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => said.mockRestore());
  const runs = keptRuns(closed);
  const keeper = runs.keeper(await runs.newId(), WAY);
  for (const steps of [1, 2]) await keeper.keep(after(steps));
  await keeper.finish();
  expect(said).toHaveBeenCalled();
  const embeddings = keepEmbeddings(lenient(closed), 'encoder', 2);
  await embeddings.set([5, 1], new Float32Array(4));
  expect(await embeddings.get([5, 1])).toBeNull();
});
