/**
 * From token ids and noise to frames: text encoder, first frame, sampling,
 * decoding, each with its networks' weights brought and given back in turn.
 */
import type { DitConfig } from '../dit/config';
import type { RunTime } from '../gpu/run';
import type { Slot } from '../sampling/recipe';
import type { Solver } from '../sampling/solver';
import type { TextConfig } from '../text/config';
import type { LatentMoments, VaeConfig } from '../vae/config';
import type { ComputeOptions } from './options';

export interface ClipNetworks {
  readonly text: TextConfig;
  readonly dit: DitConfig;
  readonly vae: VaeConfig;
  readonly moments: LatentMoments;
}

export interface ClipRequest {
  /** Token ids of the prompt and, with guidance, of the negative one. */
  readonly prompts: readonly (readonly number[])[];
  /** Latents: (channels, frames, height, width); the noise is as large. */
  readonly shape: readonly [number, number, number, number];
  readonly noise: Float32Array;
  /** The given first frame, (3, 16 · height, 16 · width) in [−1, 1]. */
  readonly image: Float32Array | null;
  readonly solver: Solver;
}

/** All that a run needs to go on after a step. */
export interface SamplingState {
  /** Steps done. */
  readonly done: number;
  /** 'sample' and the x0 predictions. */
  readonly slots: ReadonlyMap<Slot, Float32Array>;
  /** Latents of the given first frame. */
  readonly fixed: Float32Array | null;
}

/** Embeddings of token ids of one text encoder, (tokens, dim) each. */
export interface EmbeddingStore {
  get(ids: readonly number[]): Promise<Float32Array | null>;
  set(ids: readonly number[], embeddings: Float32Array): Promise<void>;
}

export type ClipStage = 'encode' | 'image' | 'denoise' | 'decode';

/** Frames of a decoded rectangle: (3, count, height, width) in [−1, 1]. */
export interface DecodedFrames {
  readonly values: Float32Array;
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface ClipOptions extends ComputeOptions {
  /** Begin after this state instead of with noise. */
  readonly resume?: SamplingState | undefined;
  readonly embeddings?: EmbeddingStore | undefined;
  readonly onStage?: ((stage: ClipStage) => void) | undefined;
  /** Steps from 1, of all; with the GPU's times. */
  readonly onStep?: ((done: number, seconds: number, times: readonly RunTime[]) => void | Promise<void>) | undefined;
  /** The state after each step; it is read back only if this is given. */
  readonly onState?: ((state: SamplingState) => void | Promise<void>) | undefined;
  /** The x0 prediction, as large as the noise, after every so many steps. */
  readonly preview?:
    | { readonly every: number; readonly onX0: (x0: Float32Array, step: number) => void | Promise<void> }
    | undefined;
  readonly onFrames: (frames: DecodedFrames) => void | Promise<void>;
}
