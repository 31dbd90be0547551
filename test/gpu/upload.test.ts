import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { runOnce } from '../../src/gpu/context';
import type { Tensor } from '../../src/gpu/tensor';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers } from '../../src/gpu/transfer';
import { PIECE_BYTES, type UploadWay } from '../../src/gpu/upload';
import { matmul } from '../../src/kernels/matmul';
import { testContext } from '../support/evaluate';

/** Any bits that are numbers, so that they can be read back. */
const words = (count: number, seed: number) =>
  Float32Array.from({ length: count }, (_, i) => ((Math.imul(i + seed, 0x9e3779b1) >>> 8) % 1000) / 7);

describe.for<UploadWay>(['write', 'mapped'])('uploading by way of %s', (way) => {
  test('brings many pieces at once to their places, each byte of them and no other', async () => {
    const context = await testContext();
    const { memory, uploader } = context;
    uploader.use(way);
    // More pieces than there is staging memory, the last of an odd length.
    const pieces = 70;
    const step = 64 * 1024;
    const values = words((pieces * step) / 4 + 3, 1);
    // Not a whole number of words: the rest of the last is zero.
    const bytes = new Uint8Array(values.buffer).subarray(0, -3);
    const target = externalTensor('target', [values.length + 1], 'f32');
    await memory.allocate([target]);
    let [busy, mostBusy] = [0, 0];
    await Promise.all(
      Array.from({ length: pieces + 1 }, (_, i) => {
        const part = bytes.slice(i * step, (i + 1) * step);
        const from = {
          read: async () => part,
          // Half of them write where they are told.
          ...(i % 2 === 0 && { readInto: async (into: Uint8Array) => into.set(part) }),
        };
        return uploader.put(target, i * step, part.length, from, (more) => {
          busy += more;
          mostBusy = Math.max(mostBusy, busy);
        });
      }),
    );
    const found = await readNumbers(memory, target);
    new Uint8Array(values.buffer).fill(0, bytes.length);
    expect(found.subarray(0, values.length).findIndex((value, i) => value !== values[i])).toBe(-1);
    expect(found.at(-1)).toBe(0);
    expect(busy).toBe(0);
    expect(mostBusy).toBeGreaterThan(0);
    memory.free([target]);
  });

  test('goes on after pieces whose reading failed', async () => {
    const { memory, uploader } = await testContext();
    uploader.use(way);
    const target = externalTensor('target', [PIECE_BYTES / 4], 'f32');
    await memory.allocate([target]);
    const fails = Array.from({ length: 40 }, () =>
      uploader.put(target, 0, PIECE_BYTES, { read: () => Promise.reject(new Error('the disk is gone')) }),
    );
    for (const failed of await Promise.allSettled(fails))
      expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'the disk is gone' } });
    const values = words(PIECE_BYTES / 4, 5);
    await uploader.put(target, 0, PIECE_BYTES, { read: () => new Uint8Array(values.buffer) });
    const found = await readNumbers(memory, target);
    expect(found.findIndex((value, i) => value !== values[i])).toBe(-1);
    memory.free([target]);
  });
});

test('a mapped piece that is refused is told to whoever uploads it, and not to the next run', async () => {
  const context = await testContext();
  const { memory, uploader } = context;
  const { device } = memory;
  const [x, y] = ['x', 'y'].map((name) => externalTensor(name, [8, 8], 'f32')) as [Tensor, Tensor];
  await memory.allocate([x, y]);
  onTestFinished(() => memory.free([x, y]));
  uploader.use('write'); // gives back what earlier tests mapped
  uploader.use('mapped');
  const create = device.createBuffer.bind(device);
  const refusing = vi
    .spyOn(device, 'createBuffer')
    .mockImplementation((asked) => create({ ...asked, size: device.limits.maxBufferSize }));
  const put = uploader.put(x, 0, 256, { read: () => new Uint8Array(256) });
  refusing.mockRestore();
  await expect(put).rejects.toMatchObject({ code: 'out-of-memory', message: expect.stringContaining('4 MiB') });
  await device.queue.onSubmittedWorkDone();
  await runOnce(context, 'next', { activation: 'f32', software: true }, (r) => {
    matmul(r, x, x, { label: 'next', addTo: y });
  });
});
