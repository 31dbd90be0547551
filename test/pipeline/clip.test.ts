import { beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { type GpuContext, openContext } from '../../src/gpu/context';
import { openDevice } from '../../src/gpu/device';
import { elements } from '../../src/gpu/tensor';
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
import { gpu, noise, relL2 } from '../support/gpu';

/** Two runs of one clip must give the same frames bit for bit, whatever interrupts them. */
const COMPUTE = { activation: 'f32', savings: true, residency: 'stream', tileBytes: 16 * 1024 } as const;

type Mode = 't2v' | 'i2v';

/** 5 frames of 64 × 32, smaller than the golden file's: they are decoded many times. */
const SHAPE = [8, 2, 2, 4] as const;

/** The networks, prompts and solver of a golden file; its own size and frames are the goldens' test. */
async function clipOf(mode: Mode) {
  const { config, inputs, file } = await readGolden(goldenFile(`tiny-pipeline-${mode}`));
  const { networks, request } = readClip(config, inputs, file);
  const image = mode === 'i2v' ? noise(3 * 32 * 64, 2).map((value) => value / 2) : null;
  return { networks, request: { ...request, shape: SHAPE, noise: noise(elements(SHAPE), 1), image } };
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

/** The states of a run that is stopped before its frames are decoded, which takes the most time. */
async function sampled(options: Run, mode: Mode = 't2v'): Promise<SamplingState[]> {
  const stop = new AbortController();
  const states: SamplingState[] = [];
  const onStage = (stage: ClipStage) => stage === 'decode' && stop.abort();
  const stopped = run(mode, { ...options, signal: stop.signal, onStage, onState: (state) => void states.push(state) });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  return states;
}

function memoryStore(): EmbeddingStore & { readonly kept: Map<string, Float32Array> } {
  const kept = new Map<string, Float32Array>();
  return {
    kept,
    get: async (ids) => kept.get(ids.join(' ')) ?? null,
    set: async (ids, embeddings) => void kept.set(ids.join(' '), embeddings),
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

test('what is kept of a prompt is not encoded again: no weight of the text encoder is read', async () => {
  const context = await testContext();
  const embeddings = memoryStore();
  const reads: string[] = [];
  let stage: ClipStage;
  const source = watched(weightsFor(context), (name) => void reads.push(`${stage} ${name}`));
  const onStage = (next: ClipStage) => {
    stage = next;
  };
  const first = await run('t2v', { source, embeddings, onStage });
  expect(reads).toContain('encode token_embedding.weight');
  expect(embeddings.kept.size).toBe(2);

  reads.length = 0;
  const second = await run('t2v', { source, embeddings, onStage });
  expect(second.times.encode).toBeNull();
  expect(reads.filter((read) => read.startsWith('encode'))).toEqual([]);
  expect(reads.length).toBeGreaterThan(0);
  expect(second.frames).toEqual(first.frames);

  // One that is not known is encoded alone; a kept one of another size is as good as none.
  const [kept] = embeddings.kept.keys();
  for (const wrong of [null, new Float32Array(5)]) {
    if (wrong) embeddings.kept.set(kept!, wrong);
    else embeddings.kept.delete(kept!);
    expect(await sampled({ embeddings })).toEqual(first.states);
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
  expect(previews).toEqual([[2, elements(SHAPE)]]);
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

describe('says with both numbers what does not fit together:', () => {
  const values = (count: number) => new Float32Array(count);
  test.for<[string, Partial<ClipRequest>, RegExp]>([
    ['noise of another size', { noise: values(7) }, /7 values.*8,2,2,4/],
    ['a first frame of another size', { image: values(9) }, /9 values.*6144/],
    ['no negative prompt with guidance', { prompts: [[5, 1]] }, /1 prompts.*2/],
    ['an odd width', { shape: [8, 2, 2, 3] }, /8,2,2,3.*32/],
    ['channels of another model', { shape: [48, 2, 2, 4] }, /48 channels.*8/],
  ])('%s', async ([, request, message]) => {
    await expect(run('t2v', { request })).rejects.toMatchObject({
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
      [{ slots: new Map([['sample', sample]]) }, /x0\.0 has no values.*128/, 'input-invalid'],
      [{ slots: new Map(state.slots).set('sample', values(3)) }, /3 values.*128/, 'input-invalid'],
      [
        {
          slots: new Map(state.slots).set(
            'x0.0',
            sample.map(() => Number.NaN),
          ),
        },
        /128/,
        'not-finite',
      ],
    ];
    for (const [change, message, code] of wrong)
      await expect(run('t2v', { resume: { ...state, ...change } })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
  });
});
