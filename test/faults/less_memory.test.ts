/**
 * A GPU that has less memory than a video was planned with. Beyond a bound every buffer is asked for in the largest size
 * there is, which the adapter's own driver refuses: what follows is its refusal, not one that was made up.
 */
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FramePixels } from '../../src/core/clip_run';
import type { RunEvent } from '../../src/core/events';
import type { ClipWish, GenerateOptions } from '../../src/generate/generate';
import { makeVideo } from '../../src/generate/make_video';
import type { Unfinished } from '../../src/generate/unfinished';
import { demoModel, wishOf } from '../support/demo_model';
import { testContext } from '../support/evaluate';

const model = await demoModel();
const context = await testContext();

function grantsAtMost(mostBytes: number): void {
  const { device } = context.device;
  const create = device.createBuffer.bind(device);
  let given = 0;
  const bounded = vi.spyOn(device, 'createBuffer').mockImplementation((asked) => {
    if (given + asked.size > mostBytes) return create({ ...asked, size: device.limits.maxBufferSize });
    const buffer = create(asked);
    const destroy = buffer.destroy.bind(buffer);
    given += asked.size;
    buffer.destroy = () => {
      given -= asked.size;
      return destroy();
    };
    return buffer;
  });
  onTestFinished(() => bounded.mockRestore());
}

async function made(wish: ClipWish, options: Partial<GenerateOptions> = {}) {
  const parts: FramePixels[] = [];
  const events: RunEvent[] = [];
  const result = await makeVideo(context, model, wish, {
    onFrames: (frames) => void parts.push(frames),
    emit: (event) => events.push(event),
    ...options,
  });
  expect(context.memory.bytes).toBe(0);
  return { result, parts, events, pixels: pixelsOf(parts, wish) };
}

/** Of whole frames or tiles, as one array. */
function pixelsOf(parts: readonly FramePixels[], { settings: { width, height, frames } }: ClipWish): Uint8Array {
  const all = new Uint8Array(4 * width * height * frames);
  for (const part of parts)
    for (let f = 0; f < part.frameCount; f++)
      for (let y = 0; y < part.height; y++) {
        const row = 4 * part.width * (f * part.height + y);
        const at = 4 * (((part.firstFrame + f) * height + part.y + y) * width + part.x);
        all.set(part.pixels.subarray(row, row + 4 * part.width), at);
      }
  return all;
}

const furthest = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length ? a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0) : Number.NaN;

const remarksOf = (events: readonly RunEvent[]) =>
  events.flatMap((event) => (event.type === 'remark' ? [event.code] : []));

const circle = (size: Partial<ClipWish['settings']>) => wishOf(model, { prompt: 'a red circle', ...size });

test.for([
  ['weights pass where they did not fit', { width: 32, height: 32, frames: 5, steps: 3 }, 0.85],
  ['after the last step frames are decoded in tiles', { width: 128, height: 128, frames: 5, steps: 2 }, 0.7],
] as const)('%s', async ([what, size, share]) => {
  const plenty = await made(circle(size));
  const mostBytes = share * plenty.result.peakGpuBytes;
  grantsAtMost(mostBytes);
  const less = await made(circle(size));
  expect(remarksOf(plenty.events)).toEqual([]);
  expect(remarksOf(less.events)).toEqual(['less-memory']);
  expect(less.result.offload).toBe('stream');
  expect(less.result.peakGpuBytes).toBeLessThanOrEqual(mostBytes);
  expect(furthest(less.pixels, plenty.pixels)).toBeLessThanOrEqual(1);
  const [first, last] = [less.events[0]!, less.events.at(-1)!];
  expect(less.result.stages.total.seconds).toBeGreaterThanOrEqual((last.atMs - first.atMs) / 1000);
  if (!what.endsWith('tiles')) return;
  expect(less.result.resumedSteps).toBe(size.steps);
  expect(less.parts.length).toBeGreaterThan(plenty.parts.length);
});

test('a first frame that takes more than there is was encoded before, and is not in the way', async () => {
  const image = { width: 1, height: 1, pixels: Uint8ClampedArray.of(200, 40, 40, 255) };
  const wish = { ...circle({ width: 256, height: 256, frames: 5, steps: 2 }), image };
  const [stop, enough] = [new AbortController(), new AbortController()];
  let resume: Unfinished | undefined;
  const onState = (unfinished: Unfinished) => {
    resume = unfinished;
    stop.abort();
  };
  await expect(made(wish, { signal: stop.signal, onState })).rejects.toMatchObject({ code: 'cancelled' });
  grantsAtMost(17e6); // the first frame takes 20 MB, and so do all frames decoded at once
  const onFrames = vi.fn(() => enough.abort());
  await expect(made(wish, { signal: enough.signal, resume, onFrames })).rejects.toMatchObject({ code: 'cancelled' });
  expect(onFrames).toHaveBeenCalled();
});

test('weights that were to stay, and by the plan cannot, do not pass instead', async () => {
  const wish = circle({ width: 32, height: 32, frames: 5, steps: 2 });
  await expect(made({ ...wish, memoryBytes: 13e6 })).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/^Keeping all weights in GPU memory takes .* are allowed/),
  });
});

test('a copy that the GPU has no memory for is no end either', async () => {
  const { device } = context.device;
  const create = device.createBuffer.bind(device);
  let refusals = 0;
  const bounded = vi.spyOn(device, 'createBuffer').mockImplementation((asked) => {
    const isRefused = asked.label === 'read-back' && refusals++ === 0;
    return create(isRefused ? { ...asked, size: device.limits.maxBufferSize } : asked);
  });
  onTestFinished(() => bounded.mockRestore());
  const { events, result } = await made(circle({ width: 32, height: 32, frames: 5, steps: 2 }));
  expect(remarksOf(events)).toEqual(['less-memory']);
  expect(result.offload).toBe('stream');
});

test('what no way takes as little is refused with both numbers', async () => {
  const { memory } = context;
  grantsAtMost(2 ** 20);
  const events: RunEvent[] = [];
  const failed = makeVideo(context, model, circle({ width: 32, height: 32, frames: 5 }), {
    onFrames: () => {},
    emit: (event) => events.push(event),
  });
  await expect(failed).rejects.toMatchObject({
    code: 'out-of-memory',
    message: expect.stringMatching(/\d+ MiB.*\d+ MiB/),
  });
  expect(memory.bytes).toBe(0);
});
