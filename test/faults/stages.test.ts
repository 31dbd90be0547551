/** A fault in each stage of a clip: it ends the run with its name, all memory comes back, and what was finished stays. */
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { framePixels } from '../../src/generate/frame_pixels';
import type { ClipStage } from '../../src/pipeline/clip';
import { wholeVideo } from '../../src/pipeline/clip_stages';
import { memoryStore, type Run, runClip, uninterrupted, watched, weightsFor } from '../support/clip';
import { testContext } from '../support/evaluate';
import { leapingClock, refusedKernel, spoilKernels, withNaN } from '../support/faults';
import { noise, relL2 } from '../support/gpu';

/** A run whose first stage is this one. */
async function from(stage: ClipStage): Promise<Run> {
  const { states, embeddings } = await uninterrupted('i2v');
  return {
    encode: {},
    image: { embeddings },
    denoise: { embeddings, resume: states[0] },
    decode: { resume: states.at(-1) },
  }[stage];
}

/** Ends in this stage with such an error; nothing is kept and nothing is left in GPU memory. */
async function failsIn(stage: ClipStage, fault: Run, error: { code: string; message: RegExp }): Promise<void> {
  const stages: ClipStage[] = [];
  const embeddings = memoryStore();
  const kept: number[] = [];
  const before = await from(stage);
  const failed = runClip('i2v', {
    ...(stage === 'encode' && { embeddings }),
    ...before,
    ...fault,
    onStage: (next) => void stages.push(next),
    onState: ({ done }) => void kept.push(done),
    onFrames: (frames) => void framePixels(frames),
  });
  await expect(failed, stage).rejects.toMatchObject({
    name: 'AppError',
    code: error.code,
    message: expect.stringMatching(error.message),
  });
  expect(stages).toEqual([stage]);
  expect([...embeddings.kept]).toEqual([]);
  expect(kept).toEqual([]);
  expect((await testContext()).memory.bytes).toBe(0);
}

describe('NaN is named and ends the run', () => {
  test.for<[ClipStage, weight: string, message: RegExp]>([
    ['encode', 'norm.weight', /^The embeddings of a prompt hold \d+ values of \d+ that are NaN/],
    ['image', 'encoder.conv1.bias', /^The latents of the first frame hold \d+ values of \d+/],
    ['denoise', 'head.modulation', /^The latents \(sample\) after step 2 hold \d+ values of \d+/],
    ['decode', 'conv2.bias', /^Frame 0 hold \d+ values of \d+/],
  ])('in the stage %s', async ([stage, weight, message]) => {
    const context = await testContext();
    const source = withNaN(context, weightsFor(context), weight);
    await failsIn(stage, { source }, { code: 'not-finite', message });
  });
});

describe('a kernel that does not compile is named, with the line', () => {
  const isNamed = async ([stage, kernel]: [ClipStage, kernel: string]) => {
    spoilKernels(await testContext(), ({ name }) => name === kernel);
    await failsIn(stage, {}, { code: 'shader-invalid', message: refusedKernel(kernel) });
  };

  test.for<[ClipStage, kernel: string]>([
    ['encode', 'distance_bias'],
    ['image', 'frames_in'],
    ['denoise', 'patchify'],
    ['decode', 'frames_out'],
  ])('in the stage %s', isNamed);

  // Of the video coder, half of them are there by then.
  test.for<[ClipStage, kernel: string]>([
    ['encode', 'synth'],
    ['image', 'conv_weights'],
    ['decode', 'phase_weights'],
  ])('while weights are loaded for the stage %s', isNamed);
});

// In the middle of each: what came before it is there.
test.for<[ClipStage, weight: string]>([
  ['encode', 'blocks.2.ffn.fc2.weight'],
  ['image', 'encoder.head.2.weight'],
  ['denoise', 'blocks.1.ffn.2.weight'],
  ['decode', 'decoder.middle.0.residual.2.weight'],
])('a read that fails in the stage %s ends the run with its reason', async ([stage, weight]) => {
  const source = watched(weightsFor(await testContext()), (name) => {
    if (name === weight) throw new AppError('network-failed', 'The server hangs up.');
  });
  await failsIn(stage, { source }, { code: 'network-failed', message: /^The server hangs up/ });
});

test.for<ClipStage>(['encode', 'image', 'denoise', 'decode'])(
  'too little memory for the stage %s is told with both numbers',
  async (stage) => {
    await failsIn(stage, { memoryBytes: 2 ** 16 }, { code: 'out-of-memory', message: /\d+ MiB.*\d+ MiB/ });
  },
);

test('with less and less memory tiles become smaller, and more of the weights pass through, until it says what is too little', async () => {
  const { embeddings } = await uninterrupted('t2v');
  const { memory } = await testContext();
  // 192 × 192: a frame decoded at once takes thirty times what a step does.
  const request = { shape: [8, 1, 12, 12], noise: noise(8 * 144, 1) } as const;
  const { frames, times, states } = await runClip('t2v', { embeddings, request, residency: 'resident' });

  /** Pixels of the largest rectangle, bytes of weights that the last step had to bring, and how it ended. */
  const within = async (memoryBytes: number) => {
    let [pixels, broughtBytes] = [0, 0];
    const video = wholeVideo(request.shape);
    const end = await runClip('t2v', {
      ...{ embeddings, request, resume: states.at(-2), memoryBytes },
      onStep(_, __, runs) {
        broughtBytes = runs.reduce((sum, { feed }) => sum + (feed?.bytes ?? 0), 0);
        expect(memory.peakBytes).toBeLessThanOrEqual(memoryBytes);
      },
      onState: ({ slots }) => expect(slots.get('sample')).toEqual(states.at(-1)!.slots.get('sample')),
      onFrames(part) {
        pixels = Math.max(pixels, part.width * part.height);
        video.add(part);
      },
    }).then(
      (made) => {
        expect(relL2(video.values, frames)).toBeLessThan(1e-5);
        expect(made.times.peakBytes).toBeLessThanOrEqual(memoryBytes);
        return 'whole';
      },
      ({ code, message }) => {
        expect(message).toMatch(/\d+ MiB.*\d+ MiB/);
        return `${code}: ${message.split(' ')[0]}`;
      },
    );
    expect(memory.bytes).toBe(0);
    return { pixels, broughtBytes, end };
  };

  const ofDecode = (share: number) => within(Math.floor(share * times.decode.peakBytes));
  const [once, smaller, smallest] = [await ofDecode(1), await ofDecode(0.6), await ofDecode(0.5)];
  expect(once).toEqual({ pixels: 192 * 192, broughtBytes: 0, end: 'whole' });
  for (const [less, more] of [
    [smaller, once],
    [smallest, smaller],
  ] as const) {
    expect(less).toMatchObject({ broughtBytes: 0, end: 'whole' });
    expect(less.pixels).toBeLessThan(more.pixels);
  }
  // Too little for a frame in the smallest tiles, which is refused once the steps are done.
  const ofStep = (share: number) => within(Math.floor(share * times.denoise!.peakBytes));
  const [some, most, none] = [await ofStep(0.8), await ofStep(0.5), await ofStep(0.3)];
  for (const { end } of [some, most]) expect(end).toBe('out-of-memory: Decoding');
  expect(some.broughtBytes).toBeGreaterThan(0);
  expect(most.broughtBytes).toBeGreaterThan(some.broughtBytes);
  expect(none).toEqual({ pixels: 0, broughtBytes: 0, end: 'out-of-memory: Streaming' });
});

test('a clock that leaps back and forth changes no frame of any stage, and no time is below zero', async () => {
  const { frames } = await uninterrupted('i2v');
  const clock = leapingClock();
  const readingsIn = new Map<ClipStage, number>();
  let stage: ClipStage = 'encode';
  const { frames: made, times } = await runClip('i2v', {
    onStage(next) {
      stage = next;
      clock.readings = 0;
    },
    onRun: () => void readingsIn.set(stage, clock.readings),
  });
  expect([...readingsIn.keys()]).toEqual(['encode', 'image', 'denoise', 'decode']);
  for (const [name, readings] of readingsIn) expect(readings, name).toBeGreaterThan(7); // one leap of each kind
  expect(made).toEqual(frames);
  const { encode, image, denoise, decode } = times;
  const seconds = [encode!, image!, denoise!, decode].flatMap(({ runs, ...stage }) => [
    ...[stage.seconds, stage.loadSeconds],
    ...runs.flatMap(({ wallSeconds, starvedSeconds, feed }) => [
      ...[wallSeconds, starvedSeconds],
      ...(feed ? [feed.activeSeconds] : []),
    ]),
  ]);
  for (const value of [...seconds, ...denoise!.steps.map((step) => step.seconds)])
    expect(value).toBeGreaterThanOrEqual(0);
});
