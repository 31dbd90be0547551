import { expect, test } from 'vitest';
import { bindTogether, type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { record } from '../../src/gpu/program';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import { awaitGpu, untilLost } from '../../src/gpu/waiting';
import { matmul } from '../../src/kernels/matmul';
import { gpu, noise } from '../support/gpu';

/** A context of its own, to be lost; and a product that takes a software adapter some tenths of a second. */
async function atWork() {
  const context = openContext(await openDevice(gpu, 'test'));
  const { memory, runner } = context;
  const size = 768;
  const [x, y] = ['x', 'y'].map((name) => externalTensor(name, [size, size], 'f32')) as [never, never];
  await memory.allocate([x, y]);
  writeNumbers(memory, x, noise(size * size, 1));
  const settings = { activation: 'f32', software: true } as const;
  const { program } = record('products', settings, (r) => {
    for (let i = 0; i < 4; i++) matmul(r, x, x, { label: 'product', addTo: y });
  });
  runner.calibrate({ flopsPerSecond: 1e15, bytesPerSecond: 1e15 }); // so that all is one submit
  const group = await bindTogether(context, [program]);
  return { context, x, y, group };
}

/** Has the GPU done what was submitted until now? */
function watchQueue({ device: { device } }: GpuContext) {
  const watch = { done: false };
  const end = device.queue.onSubmittedWorkDone().then(() => {
    watch.done = true;
  });
  return { watch, end };
}

test('a run or a read that is stopped ends at once, and what is queued already harms nothing', async () => {
  const { context, x, y, group } = await atWork();
  const { memory, runner } = context;
  const stop = new AbortController();
  const running = runner.run(group.programs, { signal: stop.signal });
  const { watch, end } = watchQueue(context);
  const reading = readNumbers(memory, y, stop.signal);
  stop.abort();
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  expect(watch.done).toBe(false);
  await expect(runner.run(group.programs, { signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });

  // Its memory may go while the GPU still computes; the next run is none the worse.
  group.destroy();
  memory.free([x, y]);
  expect(memory.bytes).toBe(0);
  const z = externalTensor('z', [3, 8], 'f32');
  await memory.allocate([z]);
  writeNumbers(memory, z, noise(24, 3));
  expect(await readNumbers(memory, z)).toEqual(noise(24, 3));
  expect(watch.done).toBe(true);
  await end;
});

test('a lost device ends all that waits for it, and all that comes after', async () => {
  const { context, x, y, group } = await atWork();
  const { device, memory, runner, uploader } = context;
  const never = awaitGpu(device.device, new Promise<never>(() => {}));
  const running = runner.run(group.programs);
  const reading = untilLost(
    device.device,
    undefined,
    (signal) => new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('told'))),
  );
  const lost = { code: 'device-lost', message: expect.stringContaining('Start again') };
  const ends = [never, running].map((wait) => expect(wait).rejects.toMatchObject(lost));
  device.device.destroy();
  await Promise.all(ends);
  expect(await reading).toBe('told');

  uploader.use('mapped');
  const after = {
    run: () => runner.run(group.programs),
    read: () => readNumbers(memory, y),
    allocate: () => memory.allocate([externalTensor('more', [4], 'f32')]),
    upload: () => uploader.put(x, 0, 16, { read: () => new Uint8Array(16) }),
    bind: () =>
      bindTogether(context, [
        record('new', { activation: 'f32', software: true }, (r) => void matmul(r, x, x, { label: 'new', addTo: y }))
          .program,
      ]),
  };
  for (const [name, act] of Object.entries(after)) await expect(act(), name).rejects.toMatchObject(lost);
  group.destroy();
  memory.free([x, y]);
  expect(memory.bytes).toBe(0);
});
