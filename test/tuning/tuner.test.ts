/** The tuner on a real device: what it chooses, what it leaves out, and what it leaves behind. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tuningFiles } from '../../src/cli/tuning_file';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import type { Recorder } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { writeNumbers } from '../../src/gpu/transfer';
import { matmul } from '../../src/kernels/matmul';
import { type TileTuning, tileCandidates } from '../../src/kernels/tile';
import { recorderOptions } from '../../src/pipeline/options';
import { casesOf, deviceKey, storedName } from '../../src/tuning/device_key';
import { adoptTuning, type TableStore, tuneDevice } from '../../src/tuning/device_tuning';
import { race } from '../../src/tuning/race';
import { soundOf } from '../../src/tuning/sound';
import { sameTuning, type TuningTable } from '../../src/tuning/table';
import { tune } from '../../src/tuning/tuner';
import { inCpuTime } from '../support/cpu_clock';
import { testContext } from '../support/evaluate';
import { refusedKernel, spoilKernels } from '../support/faults';
import { gpu } from '../support/gpu';

let folder: string;
let store: TableStore;
const said: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-tuning-'));
  store = tuningFiles(folder, (text) => said.push(text));
});
afterAll(() => rm(folder, { recursive: true }));

/** The tests' machine may be one that a table ships for. */
const NO_SHIPPED = (): readonly TuningTable[] => [];

/** As at another start of the program. */
const freshContext = async (): Promise<GpuContext> => openContext(await openDevice(gpu, 'test'));

test('the first start tunes, the second takes what was kept, and other kernels tune anew', async () => {
  const first = await freshContext();
  await adoptTuning(first, store, NO_SHIPPED);
  expect(first.tuning).toMatchObject({ source: 'default', settled: false });
  const progress: number[] = [];
  // They share their pipelines; the others take llvmpipe ten seconds to compile.
  const cases = casesOf(first).slice(0, 3);
  const onProgress = (done: number) => progress.push(done);
  const { table } = await tuneDevice(first, store, { seconds: 100, cases, onProgress });
  expect(progress).toEqual([0, 1, 2]);
  expect(table.entries).toHaveLength(3);
  expect(table.leftOut).toEqual([]);
  expect(first.memory.bytes).toBe(0);
  expect(first.tuning).toMatchObject({ source: 'tuned', settled: true });

  const second = await freshContext();
  await adoptTuning(second, store, NO_SHIPPED);
  expect(second.tuning).toMatchObject({ source: 'tuned', settled: true });
  for (const { kernel, size, tuning } of table.entries)
    expect(recorderOptions(second, 'f32').tuning!(kernel, size)).toEqual(tuning);

  const key = await deviceKey(second);
  await store.write(storedName(key), { ...table, key: { ...key, shaders: 'of an older version' } });
  const third = await freshContext();
  await adoptTuning(third, store, NO_SHIPPED);
  expect(third.tuning).toMatchObject({ source: 'default', settled: false });
  expect(said).toEqual([]);
});

test('the race tells apart who does once, thrice and six times the work, wherever they stand', async () => {
  const context = await testContext();
  const { tuning: _, ...settings } = recorderOptions(context, 'f32');
  const { software } = context.device.machine;
  const width = software ? 256 : 1024;
  const size = { rows: software ? 64 : 4096, columns: width, depth: width, left: 'f32', weight: 'f32' } as const;
  const [tile] = tileCandidates(settings, size);
  const x = externalTensor('x', [size.rows, size.depth], 'f32');
  const weight = externalTensor('w', [size.columns, size.depth], 'f32');
  await context.memory.allocate([x, weight]);
  try {
    const racers = [3, 1, 6].map((TIMES) => ({ tuning: { TIMES }, roughSeconds: 0.001 }));
    const call = (r: Recorder) => {
      const { TIMES } = r.options.tuning!('matmul', size)!;
      const results = Array.from({ length: TIMES! }, () => matmul(r, x, weight, { label: 'race', tuning: tile! }));
      return results[0]!;
    };
    const timed = await inCpuTime(context.device.machine, () => race(context, settings, { call }, racers));
    const [thrice, once, sixfold] = timed.map(({ share }) => share);
    expect(thrice! / once!).toBeGreaterThan(1.5);
    expect(sixfold! / once!).toBeGreaterThan(2.5);
  } finally {
    context.memory.free([x, weight]);
  }
});

describe('a candidate', () => {
  const [ROWS, COLUMNS, DEPTH] = [20, 36, 64];
  const inputs = [
    externalTensor('x', [ROWS, DEPTH], 'f32'),
    externalTensor('w', [COLUMNS, DEPTH], 'f32'),
    externalTensor('other', [COLUMNS, DEPTH], 'f32'),
  ] as const;
  const [x, weight, other] = inputs;

  /** The second candidate's products are those of the other weights. */
  async function judged(otherValue: (index: number) => number, spoilsThird = false) {
    const context = await testContext();
    const settings = recorderOptions(context, 'f32');
    const product = { rows: ROWS, columns: COLUMNS, depth: DEPTH, left: 'f32', weight: 'f32' } as const;
    const [standard, second, third] = tileCandidates(settings, product) as [TileTuning, TileTuning, TileTuning];
    const knobs = Object.entries(third).map(([knob, value]) => `const ${knob}: u32 = ${value};`);
    if (spoilsThird) spoilKernels(context, ({ code }) => knobs.every((knob) => code.includes(knob)));
    await context.memory.allocate(inputs);
    try {
      const values = (length: number) => Array.from({ length }, (_, i) => ((i * 7) % 13) - 6);
      writeNumbers(context.memory, x, values(ROWS * DEPTH));
      writeNumbers(context.memory, weight, values(COLUMNS * DEPTH));
      writeNumbers(
        context.memory,
        other,
        values(COLUMNS * DEPTH).map((value, i) => value + otherValue(i)),
      );
      return await soundOf(
        context,
        settings,
        {
          inputs: new Map(),
          call: (r) => {
            const tuning = r.options.tuning!('matmul', product)!;
            return matmul(r, x, sameTuning(tuning, second) ? other : weight, { label: 'judged' });
          },
        },
        [standard, second, third],
      );
    } finally {
      context.memory.free(inputs);
      expect(context.memory.bytes).toBe(0);
    }
  }

  test.for([
    ['one wrong weight in the last tile', (i: number) => (i === COLUMNS * DEPTH - 1 ? 1 : 0)],
    ['NaN', (i: number) => (i === 5 ? Number.NaN : 0)],
  ] as const)('with another result is left out and named: %s', async ([, change]) => {
    const { sound, unsound } = await judged(change);
    expect(sound).toHaveLength(2);
    expect(unsound).toEqual([expect.objectContaining({ reason: expect.stringMatching(/from the default's/) })]);
  });

  test('that does not compile is left out and named, and the others stay', async () => {
    const { sound, unsound } = await judged(() => 0, true);
    expect(sound).toHaveLength(2);
    expect(unsound).toEqual([expect.objectContaining({ reason: expect.stringMatching(refusedKernel('matmul')) })]);
  });
});

describe('ended early', () => {
  test('by the user, it rejects and gives all memory back', async () => {
    const context = await testContext();
    const stop = new AbortController();
    const running = tune(context, { signal: stop.signal, onProgress: (done) => done === 1 && stop.abort() });
    await expect(running).rejects.toMatchObject({ name: 'AppError', code: 'cancelled' });
    expect(context.memory.bytes).toBe(0);
  });

  test('by a skip, it tells what it knows, and keeps nothing of it', async () => {
    const context = await freshContext();
    const skip = new AbortController();
    const own = tuningFiles(join(folder, 'skipped'));
    const onProgress = (done: number) => done === 1 && skip.abort();
    const { table, unreached, skipped } = await tuneDevice(context, own, { skip: skip.signal, onProgress });
    expect({ entries: table.entries.length, unreached, skipped }).toEqual({
      entries: 1,
      unreached: casesOf(context).length - 1,
      skipped: true,
    });
    expect(context.tuning).toMatchObject({ source: 'tuned', settled: false });
    expect(context.memory.bytes).toBe(0);
    expect(await own.read(storedName(await deviceKey(context)))).toBeUndefined();
  });

  test('by its time, it keeps what it knows, if that is anything', async () => {
    const context = await freshContext();
    const own = tuningFiles(join(folder, 'late'));
    const name = storedName(await deviceKey(context));
    const none = await tuneDevice(context, own, { seconds: 0.05 });
    expect(none).toMatchObject({ unreached: casesOf(context).length, skipped: false });
    expect(context.tuning).toMatchObject({ source: 'default', settled: true });
    expect(context.memory.bytes).toBe(0);
    expect(await own.read(name)).toBeUndefined();
  });

  test('by the loss of the device, it says so, and the next start does not try the same', async () => {
    const context = await freshContext();
    const own = tuningFiles(join(folder, 'lost'));
    const onProgress = (done: number) => done === 1 && context.device.device.destroy();
    await expect(tuneDevice(context, own, { onProgress })).rejects.toMatchObject({ code: 'device-lost' });
    const next = await freshContext();
    await adoptTuning(next, own);
    expect(next.tuning).toMatchObject({ source: 'default', settled: true });
  });
});
