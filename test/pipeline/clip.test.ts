import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import {
  type ClipOptions,
  type ClipRequest,
  type ClipStage,
  type EmbeddingStore,
  makeClip,
  type SamplingState,
} from '../../src/pipeline/clip';
import { readClip, wholeVideo } from '../../src/pipeline/clip_stages';
import { readGolden } from '../../src/pipeline/golden';
import { synthSource } from '../../src/pipeline/synth_source';
import type { WeightSource } from '../../src/pipeline/weight_source';
import { solverFor } from '../../src/sampling/solver';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { gpu } from '../support/gpu';

/** Two runs of one clip must give the same frames bit for bit, whatever interrupts them. */
const COMPUTE = { activation: 'f32', savings: true, residency: 'stream', tileBytes: 16 * 1024 } as const;

type Mode = 't2v' | 'i2v';

async function clipOf(mode: Mode) {
  const { config, inputs, file } = await readGolden(goldenFile(`tiny-pipeline-${mode}`));
  return readClip(config, inputs, file);
}

const weightsFor = (context: GpuContext): WeightSource => synthSource(context, { type: 'bf16', headDim: 16 });

interface Run extends Partial<ClipOptions> {
  readonly context?: GpuContext;
  readonly source?: WeightSource;
  readonly request?: Partial<ClipRequest>;
}

/** All frames of the clip, its states and its times. */
async function run(mode: Mode, { context, source, request, ...options }: Run = {}) {
  const here = context ?? (await testContext());
  const clip = await clipOf(mode);
  const whole = { ...clip.request, ...request };
  const video = wholeVideo(whole.shape);
  const states: SamplingState[] = [];
  const times = await makeClip(here, source ?? weightsFor(here), clip.networks, whole, {
    ...COMPUTE,
    onFrames: video.add,
    ...options,
    async onState(state) {
      states.push(state);
      await options.onState?.(state);
    },
  });
  return { frames: video.values, states, times };
}

/** Kept embeddings, as bytes would be. */
function memoryStore(): EmbeddingStore & { readonly kept: Map<string, Float32Array> } {
  const kept = new Map<string, Float32Array>();
  return {
    kept,
    get: async (ids) => kept.get(ids.join(' ')) ?? null,
    set: async (ids, embeddings) => void kept.set(ids.join(' '), embeddings.slice()),
  };
}

/** Tells the name of every weight that is read. */
function watched(source: WeightSource, onRead: (name: string, signal?: AbortSignal) => unknown): WeightSource {
  return {
    ...source,
    async fill(tensors, options) {
      for (const name of tensors.keys()) await onRead(name, options?.signal);
      await source.fill(tensors, options);
    },
    pieces: (tile) =>
      source.pieces(tile).map((piece) => ({
        ...piece,
        async bring(signal, busy) {
          await onRead(tile.name, signal);
          await piece.bring(signal, busy);
        },
      })),
    async rows(name, shape, ids, target, options) {
      await onRead(name, options?.signal);
      await source.rows(name, shape, ids, target, options);
    },
  };
}

type Whole = Awaited<ReturnType<typeof run>> & { readonly embeddings: EmbeddingStore };
const wholes = new Map<Mode, Promise<Whole>>();

/** Once for all tests. */
function uninterrupted(mode: Mode): Promise<Whole> {
  const embeddings = memoryStore();
  const whole = wholes.get(mode) ?? run(mode, { embeddings }).then((made) => ({ ...made, embeddings }));
  wholes.set(mode, whole);
  return whole;
}

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
      const stopped = run(mode, {
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
    const last = await run(mode, { resume });
    expect(last.times).toMatchObject({ encode: null, image: null, denoise: null });
    expect(last.frames).toEqual(frames);
  });
});

test('a device lost in each stage is told at once, and the next goes on after the last step', async () => {
  const embeddings = memoryStore();
  let resume: SamplingState | undefined;
  const lostIn: Record<ClipStage, { readonly ready: (runs: number) => boolean; readonly done: number }> = {
    encode: { ready: (runs) => runs === 1, done: 0 },
    image: { ready: (runs) => runs === 1, done: 0 },
    denoise: { ready: () => resume?.done === 2, done: 2 },
    decode: { ready: (runs) => runs === 1, done: 4 },
  };
  for (const [lost, { ready, done }] of Object.entries(lostIn)) {
    const context = openContext(await openDevice(gpu, 'test'));
    let stage: ClipStage | undefined;
    let runs = 0;
    let lostAt = Number.NaN;
    const failure: AppError = await run('i2v', {
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
      onRun() {
        runs += 1;
        if (stage !== lost || !ready(runs)) return;
        lostAt = performance.now();
        context.device.device.destroy();
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
  const last = await run('i2v', { resume });
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
    await expect(run('i2v', { ...options, signal: stop.signal })).rejects.toMatchObject({ code: 'cancelled' });
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
