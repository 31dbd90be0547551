/** Previews by the tiny decoder in runs of the golden networks: they change nothing, and end with the run. */
import { beforeEach, expect, test } from 'vitest';
import type { ClipPreview } from '../../src/core/clip_run';
import { framePixels } from '../../src/generate/frame_pixels';
import { openPreviews } from '../../src/generate/previews';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import type { SamplingState } from '../../src/pipeline/clip';
import { decodeVideo } from '../../src/pipeline/coded_video';
import { COMPUTE, memoryStore, runClip, SHAPES, sampled, weightsFor } from '../support/clip';
import { testContext } from '../support/evaluate';
import { gpu } from '../support/gpu';

/** Narrow, for the golden networks' latents. */
const TINY = { z_dim: 8, patch_size: 2, channels: [16, 12, 8, 8], time_upscale: [false, true, true] };

beforeEach(async () => {
  const { memory } = await testContext();
  return () => expect(memory.bytes).toBe(0);
});

const openFor = (context: GpuContext) =>
  openPreviews(context, weightsFor(context), { tiny: TINY, linear: null }, SHAPES.t2v, 'f32')!;

const embeddings = memoryStore();
let plainStates: Promise<SamplingState[]> | undefined;
/** Of a run without previews; once for all tests. */
function plain(): Promise<SamplingState[]> {
  plainStates ??= sampled({ embeddings });
  return plainStates;
}

test('are the x0 prediction decoded, and change nothing', async () => {
  const context = await testContext();
  const states = await plain();
  const seen: [ClipPreview, Float32Array][] = [];
  const previews = openFor(context);
  const onX0 = async (x0: Float32Array, step: number) => void seen.push([await previews.show(x0, step), x0]);
  const preview = { every: 1, gpuBytes: previews.gpuBytes, onX0 };
  // The last state's latents are what is decoded.
  expect(await sampled({ embeddings, preview }).finally(previews.destroy)).toEqual(states);
  expect(seen.map(([{ step }]) => step)).toEqual(states.slice(0, -1).map(({ done }) => done));
  for (const [{ pixels, ...about }, x0] of seen) {
    expect(about).toMatchObject({ width: 32, height: 32, frameCount: 5, rough: false });
    const expected: number[] = [];
    await decodeVideo(context, weightsFor(context), { tiny: TINY }, SHAPES.t2v, x0, {
      ...COMPUTE,
      onFrames: (part) => void expected.push(...framePixels(part).pixels),
    });
    expect(new Set(expected).size).toBeGreaterThan(50);
    expect([...pixels]).toEqual(expected);
  }
});

test('keep within the memory allowed, where weights make room for them', async () => {
  const context = await testContext();
  const resume = (await plain()).at(-3);
  /** Of a step, a preview and the last step. */
  async function peakOf(memoryBytes: number): Promise<number> {
    let peakBytes = Number.NaN;
    const previews = openFor(context);
    const onX0 = async (x0: Float32Array, step: number) => {
      await previews.show(x0, step);
      peakBytes = context.memory.peakBytes;
    };
    const preview = { every: 1, gpuBytes: previews.gpuBytes, onX0 };
    const request = { decoder: { tiny: TINY } }; // the VAE's takes more
    await sampled({ embeddings, resume, memoryBytes, request, preview }).finally(previews.destroy);
    return peakBytes;
  }
  const most = await peakOf(2 ** 30);
  for (const less of [1, 2 ** 17, 2 ** 19]) expect(await peakOf(most - less)).toBeLessThanOrEqual(most - less);
});

test('end with the run: stopped, or with a lost device, while one is made', async () => {
  const resume = (await plain()).at(-3);
  const lost = openContext(await openDevice(gpu, 'test'));
  const stop = new AbortController();
  const endings = [
    { end: () => stop.abort(), code: 'cancelled', signal: stop.signal, context: await testContext() },
    { end: () => lost.device.device.destroy(), code: 'device-lost', context: lost },
  ];
  for (const { end, code, context, signal } of endings) {
    const previews = openFor(context);
    const onX0 = async (x0: Float32Array, step: number) => {
      setTimeout(end, 5);
      await previews.show(x0, step, signal);
      expect.unreachable();
    };
    const preview = { every: 1, gpuBytes: previews.gpuBytes, onX0 };
    const run = runClip('t2v', { context, embeddings, resume, preview, signal });
    await expect(run.finally(previews.destroy)).rejects.toMatchObject({ code });
    expect(context.memory.bytes).toBe(0);
  }
});
