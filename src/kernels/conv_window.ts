/** What a convolution reads: its pixels with the frames of the past before them and zeros around them, as conv.ts takes it. */

import source from '../../shaders/conv_window.wgsl?raw';
import activationNone from '../../shaders/lib/activation_none.wgsl?raw';
import activationSilu from '../../shaders/lib/activation_silu.wgsl?raw';
import noPastPart from '../../shaders/lib/window_no_past.wgsl?raw';
import pastPart from '../../shaders/lib/window_past.wgsl?raw';
import plainPart from '../../shaders/lib/window_plain.wgsl?raw';
import rmsPart from '../../shaders/lib/window_rms.wgsl?raw';
import type { Cost } from '../core/cost';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, reshape, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, expectShape, type Tuning, words } from './kernel';

export interface ConvWindow {
  /** (positions, channels): a row and a column of zeros before each frame if `border`, see conv_window.wgsl. */
  readonly tensor: Tensor;
  /** Frames before the present ones. */
  readonly past: number;
  readonly frames: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly border: 0 | 1;
  /** The past is known to be zero. */
  readonly pastIsZero: boolean;
}

export interface ConvWindowTuning extends Tuning {
  /** Invocations that share a position. */
  readonly LANES: number;
}

const GPU_TUNING: ConvWindowTuning = { LANES: 8 };
/** Without barriers, which cost a CPU more than they save. */
const CPU_TUNING: ConvWindowTuning = { LANES: 1 };
export const CONV_WINDOW_VARIANTS: readonly ConvWindowTuning[] = [GPU_TUNING, CPU_TUNING, { LANES: 32 }];
const WORKGROUP = 64;

export interface ConvWindowOptions {
  readonly label: string;
  readonly border: 0 | 1;
  /** The frames before: a tensor as `pastOf` gives it, or a number of frames of zeros. */
  readonly past?: Tensor | number;
  /** RMS norm over the channels by this gamma (channels, ...), then perhaps SiLU. */
  readonly norm?: { readonly gamma: Tensor; readonly activation: 'none' | 'silu' };
  /** Repeat each pixel 2 × 2: nearest upsampling, written out. */
  readonly double?: boolean;
  readonly tuning?: ConvWindowTuning;
}

/** Positions of one frame of a window. */
export function planeOf(height: number, width: number, border: 0 | 1): number {
  return (height + border) * (width + border);
}

/** x (frames, height, width, channels), channels a multiple of 4. */
export function convWindow(r: Recorder, x: Tensor, options: ConvWindowOptions): ConvWindow {
  const { label, border, past = 0, norm, double = false } = options;
  const [frames = 0, sourceHeight = 0, sourceWidth = 0, channels = 0] = x.shape;
  const height = double ? sourceHeight * 2 : sourceHeight;
  const width = double ? sourceWidth * 2 : sourceWidth;
  const plane = planeOf(height, width, border);
  const pastFrames = typeof past === 'number' ? past : past.shape[0]!;
  if (typeof past !== 'number') expectShape(`${label} past`, past, [pastFrames, plane, channels]);
  if (norm) expectShape(`${label} gamma`, { ...norm.gamma, shape: [elements(norm.gamma.shape)] }, [channels]);

  const positions = (pastFrames + frames) * plane + border * (width + 2);
  const window = r.tensor(`${label} window`, [positions, channels], x.type);
  const tuning = options.tuning ?? (r.options.software ? CPU_TUNING : GPU_TUNING);
  r.dispatch({
    label,
    shader: compose({
      name: 'conv_window',
      source,
      types: { Value: activationType(x) },
      parts: [
        norm ? rmsPart : plainPart,
        norm?.activation === 'silu' ? activationSilu : activationNone,
        typeof past === 'number' ? noPastPart : pastPart,
      ],
      tuning,
    }),
    bindings: { 1: x, 2: window, ...(norm && { 3: norm.gamma }), ...(typeof past !== 'number' && { 4: past }) },
    params: words(
      positions,
      channels / 4,
      pastFrames,
      pastFrames + frames,
      width + border,
      plane,
      border,
      sourceHeight,
      sourceWidth,
      double ? 1 : 0,
    ),
    groups: Math.ceil(positions / (WORKGROUP / tuning.LANES)),
    cost: convWindowCost(x, window, norm !== undefined),
  });
  return { tensor: window, past: pastFrames, frames, height, width, channels, border, pastIsZero: past === pastFrames };
}

/** x as it is: without a border and a past, a tensor (frames, height, width, channels) is its own window. */
export function ownWindow(x: Tensor): ConvWindow {
  const [frames = 0, height = 0, width = 0, channels = 0] = x.shape;
  const tensor = reshape(x, [frames * height * width, channels]);
  return { tensor, past: 0, frames, height, width, channels, border: 0, pastIsZero: true };
}

/** The last `count` frames of a window, in the form in which the next chunk takes them as its past. */
export function pastOf(window: ConvWindow, count: number): Tensor {
  const { tensor, past, frames, height, width, channels, border } = window;
  const plane = planeOf(height, width, border);
  const offsetBytes = (past + frames - count) * plane * channels * ELEMENT_BYTES[tensor.type];
  return { ...tensor, shape: [count, plane, channels], offsetBytes: tensor.offsetBytes + offsetBytes };
}

/** The norm is counted as 8 operations an element with its SiLU; the past is read as often as it is written. */
export function convWindowCost(x: Tensor, window: Tensor, norm: boolean): Cost {
  return {
    flops: flops(norm ? 8 * elements(x.shape) : 0),
    bytes: bytes(tensorBytes(x) + tensorBytes(window)),
  };
}
