import { beforeEach, describe, expect, test } from 'vitest';
import { elements } from '../../src/gpu/tensor';
import type { ClipRequest, ClipStage, SamplingState } from '../../src/pipeline/clip';
import { wholeVideo } from '../../src/pipeline/clip_stages';
import { decodeVideo, encodeVideo } from '../../src/pipeline/coded_video';
import { solverFor } from '../../src/sampling/solver';
import {
  COMPUTE,
  clipOf,
  type Mode,
  memoryStore,
  runClip,
  SHAPES,
  sampled,
  uninterrupted,
  watched,
  weightsFor,
} from '../support/clip';
import { testContext } from '../support/evaluate';
import { noise, relL2 } from '../support/gpu';

beforeEach(async () => {
  const { memory } = await testContext();
  return () => expect(memory.bytes).toBe(0);
});

describe.for<Mode>(['t2v', 'i2v'])('%s', (mode) => {
  test('stopped after each step, and gone on with from a copy of the state, gives the same frames', async () => {
    const { frames, states, times } = await uninterrupted(mode);
    expect(frames.every(Number.isFinite)).toBe(true);
    expect(times.denoise!.steps).toHaveLength(states.length);
    const embeddings = memoryStore();
    let resume: SamplingState | undefined;
    for (const [step, state] of states.entries()) {
      const stop = new AbortController();
      const stages: ClipStage[] = [];
      const kept: SamplingState[] = [];
      const stopped = runClip(mode, {
        embeddings,
        resume,
        signal: stop.signal,
        onStage: (stage) => stages.push(stage),
        onState(after) {
          kept.push(structuredClone(after));
          stop.abort();
        },
      });
      await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
      expect(stages).toEqual(
        step > 0 ? ['denoise'] : mode === 'i2v' ? ['encode', 'image', 'denoise'] : ['encode', 'denoise'],
      );
      expect(kept).toEqual([state]);
      resume = kept[0];
    }
    const last = await runClip(mode, { resume });
    expect(last.times).toMatchObject({ encode: null, image: null, denoise: null });
    expect(last.frames).toEqual(frames);
  });
});

test('what is kept of a prompt is not encoded again: no weight of the text encoder is read', async () => {
  const context = await testContext();
  const embeddings = memoryStore();
  const reads: string[] = [];
  let stage: ClipStage;
  const source = watched(weightsFor(context), (name) => void reads.push(`${stage} ${name}`));
  const onStage = (next: ClipStage) => {
    stage = next;
  };
  const request = { shape: [8, 1, 2, 2], noise: noise(32, 1) } as const;
  const first = await runClip('t2v', { source, request, embeddings, onStage });
  expect(reads).toContain('encode token_embedding.weight');
  expect(embeddings.kept.size).toBe(2);

  reads.length = 0;
  const second = await runClip('t2v', { source, request, embeddings, onStage });
  expect(second.times.encode).toBeNull();
  expect(reads.filter((read) => read.startsWith('encode'))).toEqual([]);
  expect(reads.length).toBeGreaterThan(0);
  expect(second.frames).toEqual(first.frames);

  // One that is not known is encoded alone; a kept one of another size is as good as none.
  const [kept] = embeddings.kept.keys();
  for (const wrong of [null, new Float32Array(5)]) {
    if (wrong) embeddings.kept.set(kept!, wrong);
    else embeddings.kept.delete(kept!);
    expect(await sampled({ request, embeddings })).toEqual(first.states);
    expect(embeddings.kept.get(kept!)).toHaveLength(9 * 96);
  }
});

test.for([
  ...(['unipc', 'dpm++', 'euler'] as const).map((solver) => ({ solver, schedule: 'even', guidance: 3 }) as const),
  ...(['fastwan', 'turbo'] as const).map((schedule) => ({ solver: 'unipc', schedule, guidance: 1 }) as const),
])('$solver with the schedule $schedule at guidance $guidance', async ({ solver: kind, schedule, guidance }) => {
  const { embeddings } = await uninterrupted('t2v');
  const solver = solverFor({ solver: kind, schedule, steps: 3, shift: 5, guidance });
  const { prompts } = (await clipOf('t2v')).request;
  const previews: [number, number][] = [];
  const states = await sampled({
    embeddings,
    request: { solver, prompts: prompts.slice(0, guidance === 1 ? 1 : 2) },
    preview: { every: 2, onX0: (x0, step) => void previews.push([step, x0.length]) },
  });
  const count = { even: 3, fastwan: 3, turbo: 4 }[schedule];
  expect(states.map(({ done }) => done)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(previews).toEqual([[2, elements(SHAPES.t2v)]]);
  // The last step ends at its x0 prediction, whatever the solver.
  const { slots } = states.at(-1)!;
  const last = solver.steps.at(-1)!.x0.target;
  expect(relL2(slots.get('sample')!, slots.get(last)!)).toBeLessThan(1e-5);
});

test('a given first frame stays in the latents and in the previews', async () => {
  const { embeddings } = await uninterrupted('i2v');
  const firstFrame = (latents: Float32Array) =>
    Float32Array.from({ length: 64 }, (_, i) => latents[Math.floor(i / 8) * 16 + (i % 8)]!);
  const x0s: Float32Array[] = [];
  const states = await sampled({ embeddings, preview: { every: 1, onX0: (x0) => void x0s.push(x0) } }, 'i2v');
  const { fixed } = states[0]!;
  expect(fixed!.every(Number.isFinite)).toBe(true);
  for (const { slots } of states) expect(firstFrame(slots.get('sample')!)).toEqual(fixed);
  expect(x0s).toHaveLength(states.length - 1);
  for (const x0 of x0s) expect(firstFrame(x0)).toEqual(fixed);
});

test('the tiny decoder makes the frames of the same latents, and its loading is told', async () => {
  const context = await testContext();
  const { states, embeddings } = await uninterrupted('t2v');
  const resume = states.at(-1)!;
  const tiny = { z_dim: 8, patch_size: 2, channels: [16, 12, 8, 8], time_upscale: [false, true, true] };
  const loaded: [number, number][] = [];
  const { frames, times } = await runClip('t2v', {
    embeddings,
    resume,
    request: { decoder: { tiny } },
    onLoad: (bytes, total) => loaded.push([bytes, total]),
  });
  const expected = wholeVideo(SHAPES.t2v);
  await decodeVideo(context, weightsFor(context), { tiny }, SHAPES.t2v, resume.slots.get('sample')!, {
    ...COMPUTE,
    onFrames: expected.add,
  });
  expect(frames.every(Number.isFinite)).toBe(true);
  expect(frames).toEqual(expected.values);
  expect(times.decode.runs.length).toBeGreaterThan(0);
  const [, total] = loaded[0]!;
  expect(loaded.at(-1)).toEqual([total, total]);
  loaded.slice(1).forEach(([bytes], i) => expect(bytes).toBeGreaterThanOrEqual(loaded[i]![0]));
});

describe('takes no more memory than allowed, and says with both numbers what it would take:', () => {
  const tiny = { z_dim: 8, patch_size: 2, channels: [16, 12, 8, 8], time_upscale: [false, true, true] };
  test.for(['the encoder of a first frame', 'the tiny decoder'])('%s', async (coder) => {
    const context = await testContext();
    const { memory } = context;
    const source = weightsFor(context);
    const { networks } = await clipOf('i2v');
    // At this size what is computed outweighs the weights.
    const shape = [8, 1, 16, 16];
    const run = (memoryBytes: number | undefined) =>
      coder === 'the tiny decoder'
        ? decodeVideo(context, source, { tiny }, shape, noise(2048, 1), { ...COMPUTE, memoryBytes, onFrames: () => {} })
        : encodeVideo(context, source, networks, [3, 1, 256, 256], noise(3 * 256 ** 2, 1), { ...COMPUTE, memoryBytes });
    memory.resetPeak();
    await run(undefined);
    const { peakBytes } = memory;
    await run(peakBytes);
    await expect(run(peakBytes - 1)).rejects.toMatchObject({
      code: 'out-of-memory',
      message: expect.stringMatching(/takes \d+ MiB of GPU memory; \d+ MiB are allowed/),
    });
    expect(memory.bytes).toBe(0);
  });
});

test('latents that overflow end the run at that step, and are not kept', async () => {
  const { embeddings } = await uninterrupted('t2v');
  const kept: SamplingState[] = [];
  const request = { noise: new Float32Array(elements(SHAPES.t2v)).fill(3e38) };
  await expect(
    runClip('t2v', { embeddings, request, onState: (state) => void kept.push(state) }),
  ).rejects.toMatchObject({
    code: 'not-finite',
    message: expect.stringMatching(/after step \d hold \d+ values of 64/),
  });
  expect(kept.length).toBeLessThan(6);
});

describe('says with both numbers what does not fit together:', () => {
  const values = (count: number) => new Float32Array(count);
  test.for<[string, Partial<ClipRequest>, RegExp]>([
    ['noise of another size', { noise: values(7) }, /7 values.*8,2,2,2/],
    ['a first frame of another size', { image: values(9) }, /9 values.*3072/],
    ['no negative prompt with guidance', { prompts: [[5, 1]] }, /1 prompts.*2/],
    ['an odd width', { shape: [8, 2, 2, 3] }, /8,2,2,3.*32/],
    ['channels of another model', { shape: [48, 2, 2, 4] }, /48 channels.*8/],
  ])('%s', async ([, request, message]) => {
    await expect(runClip('t2v', { request })).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringMatching(message),
    });
  });

  test('the state of another run', async () => {
    const { states } = await uninterrupted('t2v');
    const [state] = states as [SamplingState];
    const sample = state.slots.get('sample')!;
    const wrong: [Partial<SamplingState>, RegExp, string][] = [
      [{ done: 9 }, /9 steps.*6/, 'input-invalid'],
      [{ fixed: values(64) }, /first frame/, 'input-invalid'],
      [{ slots: new Map([['sample', sample]]) }, /x0\.0 has no values.*64/, 'input-invalid'],
      [{ slots: new Map(state.slots).set('sample', values(3)) }, /3 values.*64/, 'input-invalid'],
      [
        {
          slots: new Map(state.slots).set(
            'x0.0',
            sample.map(() => Number.NaN),
          ),
        },
        /64 values of 64/,
        'not-finite',
      ],
    ];
    for (const [change, message, code] of wrong)
      await expect(runClip('t2v', { resume: { ...state, ...change } })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
  });
});

test('a command that was refused before it does not end a clip, and one of its own does', async () => {
  const { device } = (await testContext()).device;
  const refusal = () => {
    const told = new Promise((resolve) => device.addEventListener('uncapturederror', resolve, { once: true }));
    device.createBuffer({ size: 4, usage: 0 });
    return told;
  };
  await refusal();
  const { request } = await clipOf('t2v');
  const solver = { ...request.solver, steps: request.solver.steps.slice(0, 1) };
  await runClip('t2v', { request: { solver } });
  const onStage = (stage: ClipStage) => void (stage === 'decode' && refusal());
  await expect(runClip('t2v', { request: { solver }, onStage })).rejects.toMatchObject({ code: 'gpu-failed' });
});
