import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import type { ClipStage, SamplingState } from '../../src/pipeline/clip';
import { memoryStore, type Run, runClip, uninterrupted, watched, weightsFor } from '../support/clip';
import { testContext } from '../support/evaluate';
import { gpu } from '../support/gpu';

test('a device lost in each stage is told at once, and the next goes on after the last step', async () => {
  const embeddings = memoryStore();
  let resume: SamplingState | undefined;
  const lostIn: Record<ClipStage, { readonly ready: (runs: number) => boolean; readonly done: number }> = {
    encode: { ready: () => false, done: 0 }, // it is one run: at its first block
    image: { ready: (runs) => runs === 1, done: 0 },
    denoise: { ready: () => resume?.done === 2, done: 2 },
    decode: { ready: (runs) => runs === 1, done: 4 },
  };
  for (const [lost, { ready, done }] of Object.entries(lostIn)) {
    const context = openContext(await openDevice(gpu, 'test'));
    let stage: ClipStage | undefined;
    let runs = 0;
    let lostAt = Number.NaN;
    const lose = () => {
      lostAt = performance.now();
      context.device.device.destroy();
    };
    const failure: AppError = await runClip('i2v', {
      context,
      embeddings,
      resume,
      onStage(next) {
        stage = next;
        runs = 0;
      },
      onState: (state) => {
        resume = structuredClone(state);
      },
      onBlock() {
        if (stage === 'encode' && stage === lost) lose();
      },
      onRun() {
        runs += 1;
        if (stage === lost && ready(runs)) lose();
      },
    }).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(failure).toMatchObject({ name: 'AppError', code: 'device-lost' });
    expect(performance.now() - lostAt).toBeLessThan(1000);
    expect(stage).toBe(lost);
    expect(resume?.done ?? 0).toBe(done);
    expect(context.memory.bytes).toBe(0);
  }
  const last = await runClip('i2v', { resume });
  expect(last.frames).toEqual((await uninterrupted('i2v')).frames);
});

describe('a cancel is answered within a second, and gives all memory back', () => {
  const answered = async (arrange: (stop: () => void) => Run) => {
    const stop = new AbortController();
    let at = Number.NaN;
    const options = arrange(() => {
      at = performance.now();
      stop.abort();
    });
    await expect(runClip('i2v', { ...options, signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - at).toBeLessThan(1000);
    expect((await testContext()).memory.bytes).toBe(0);
  };

  test.for<[ClipStage, weights: string[]]>([
    ['encode', ['token_embedding.weight', 'norm.weight', 'blocks.2.ffn.fc2.weight']],
    ['image', ['encoder.conv1.bias', 'encoder.head.2.weight']],
    [
      'denoise',
      [
        'head.modulation',
        'text_embedding.2.weight',
        'blocks.1.cross_attn.k.weight',
        'time_projection.1.weight',
        'blocks.1.ffn.2.weight',
      ],
    ],
    ['decode', ['conv2.weight', 'decoder.middle.0.residual.2.weight']],
  ])('in the stage %s, while a weight does not come', async ([stage, names]) => {
    const context = await testContext();
    const { states, embeddings } = await uninterrupted('i2v');
    const resume = { encode: undefined, image: undefined, denoise: states[0], decode: states.at(-1) }[stage];
    for (const name of names)
      await answered((stop) => {
        let now: ClipStage;
        return {
          ...(stage !== 'encode' && { embeddings }),
          resume,
          onStage: (next) => {
            now = next;
          },
          source: watched(weightsFor(context), (read, signal) => {
            if (now !== stage || read !== name) return undefined;
            setTimeout(stop, 20);
            return new Promise((_, reject) => {
              signal!.addEventListener('abort', () => reject(new AppError('cancelled', 'Stopped.')));
            });
          }),
        };
      });
  });

  test.for<ClipStage>(['encode', 'image', 'denoise', 'decode'])('in the stage %s, at any moment', async (stage) => {
    const { states, embeddings } = await uninterrupted('i2v');
    const before: Run = {
      encode: {},
      image: { embeddings },
      denoise: { embeddings, resume: states[0] },
      decode: { resume: states.at(-1) },
    }[stage];
    for (const afterMs of [0, 3, 10, 30, 100, 300])
      await answered((stop) => ({
        ...before,
        onStage(next) {
          if (next === stage) setTimeout(stop, afterMs);
        },
        onFrames: stop, // where the GPU is that fast
      }));
  });
});
