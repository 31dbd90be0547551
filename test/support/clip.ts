/** Runs of the whole pipeline on the tiny networks of the golden files, for tests of what is around the numbers. */
import { expect } from 'vitest';
import type { GpuContext } from '../../src/gpu/context';
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
import { testContext } from './evaluate';
import { goldenFile } from './golden_file';
import { noise } from './gpu';

/** Two runs of one clip must give the same frames bit for bit, whatever interrupts them. */
export const COMPUTE = { activation: 'f32', savings: true, residency: 'stream', tileBytes: 16 * 1024 } as const;

export type Mode = 't2v' | 'i2v';

/** 5 frames of 32 × 32 and 64 × 32, smaller than the golden files': they are decoded many times. */
export const SHAPES = { t2v: [8, 2, 2, 2], i2v: [8, 2, 2, 4] } as const;

/** The networks, prompts and solver of a golden file; its own size and frames are the goldens' test. */
export async function clipOf(mode: Mode) {
  const { config, inputs, file } = await readGolden(goldenFile(`tiny-pipeline-${mode}`));
  const { networks, request } = readClip(config, inputs, file);
  const image = mode === 'i2v' ? noise(3 * 32 * 64, 2).map((value) => value / 2) : null;
  const shape = SHAPES[mode];
  return { networks, request: { ...request, shape, noise: noise(elements(shape), 1), image } };
}

export const weightsFor = (context: GpuContext): WeightSource => synthSource(context, { type: 'bf16', headDim: 16 });

export interface Run extends Partial<ClipOptions> {
  readonly context?: GpuContext;
  readonly source?: WeightSource;
  readonly request?: Partial<ClipRequest>;
}

/** All frames of the clip, its states and its times. */
export async function runClip(mode: Mode, { context, source, request, ...options }: Run = {}) {
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
export async function sampled(options: Run, mode: Mode = 't2v'): Promise<SamplingState[]> {
  const stop = new AbortController();
  const states: SamplingState[] = [];
  const onStage = (stage: ClipStage) => stage === 'decode' && stop.abort();
  const stopped = runClip(mode, {
    ...options,
    signal: stop.signal,
    onStage,
    onState: (state) => void states.push(state),
  });
  await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
  return states;
}

export function memoryStore(): EmbeddingStore & { readonly kept: Map<string, Float32Array> } {
  const kept = new Map<string, Float32Array>();
  return {
    kept,
    get: async (ids) => kept.get(ids.join(' ')) ?? null,
    set: async (ids, embeddings) => void kept.set(ids.join(' '), embeddings),
  };
}

/** Tells the name of every weight that is read. */
export function watched(source: WeightSource, onRead: (name: string, signal?: AbortSignal) => unknown): WeightSource {
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

type Whole = Awaited<ReturnType<typeof runClip>> & { readonly embeddings: EmbeddingStore };
const wholes = new Map<Mode, Promise<Whole>>();

/** Once for all tests. */
export function uninterrupted(mode: Mode): Promise<Whole> {
  const embeddings = memoryStore();
  const whole = wholes.get(mode) ?? runClip(mode, { embeddings }).then((made) => ({ ...made, embeddings }));
  wholes.set(mode, whole);
  return whole;
}
