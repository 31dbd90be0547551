/** Convolutions of the video VAE as tiled products: 3-D causal, 2-D, strided, and nearest upsampling folded in. */

import source from '../../shaders/conv.wgsl?raw';
import activationNone from '../../shaders/lib/activation_none.wgsl?raw';
import activationRelu from '../../shaders/lib/activation_relu.wgsl?raw';
import addendGiven from '../../shaders/lib/addend_given.wgsl?raw';
import addendGrown from '../../shaders/lib/addend_grown.wgsl?raw';
import addendNone from '../../shaders/lib/addend_none.wgsl?raw';
import addendResult from '../../shaders/lib/addend_result.wgsl?raw';
import biasColumns from '../../shaders/lib/bias_columns.wgsl?raw';
import biasNone from '../../shaders/lib/bias_none.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { type ConvWindow, planeOf } from './conv_window';
import { activationType, compose, expectShape, f32, words } from './kernel';
import { chooseTile, type TileTuning, tileFlops, tileForm, tileGroups } from './tile';
import { weightPart } from './weight_parts';

export interface ConvOptions {
  readonly label: string;
  /** One for each output channel, f32. */
  readonly bias?: Tensor | undefined;
  /** Every second frame, or every second pixel of rows and columns, the window's border being right and below only. */
  readonly stride?: 'none' | 'time' | 'space';
  /** 2: the first half of the output channels makes frame 2t, the second frame 2t + 1. */
  readonly columnFrames?: 1 | 2;
  /** Make only these output channels. */
  readonly columns?: { readonly start: number; readonly count: number };
  /** Leave out the frames of taps that would only meet a past of zeros: an exact saving. */
  readonly skipZeros?: boolean;
  /** Add the result to this tensor in place, or store the sum of this tensor and the result. */
  readonly addTo?: Tensor | undefined;
  readonly plus?: Tensor | undefined;
  /**
   * Add this tensor (t, y, x, channels), grown to the result's shape: rows and columns double, with `time` also frames,
   * of which with `first` the leading one is left out. The parameter-free shortcut of the decoder.
   */
  readonly grown?: { readonly x: Tensor; readonly time: boolean; readonly first: boolean } | undefined;
  /** After all additions. */
  readonly activation?: 'none' | 'relu';
  readonly tuning?: TileTuning;
}

/**
 * `weight`: (columns, frames, rows, columns of taps, channels) as conv_weights packs it, or four phases
 * (2, 2, columns, 2, 2, channels) as phase_weights makes them, which double height and width.
 * Returns (frames, height, width, columns).
 */
export function conv(r: Recorder, window: ConvWindow, weight: Tensor, options: ConvOptions): Tensor {
  const { label, bias, stride = 'none', columnFrames = 1, addTo, plus, grown, activation = 'none' } = options;
  const { channels, border, past } = window;
  const phases = weight.shape.length === 6;
  const [allColumns = 0, tapFrames = 0, tapRows = 0, tapColumns = 0, depth] = phases
    ? [weight.shape[2], 1, ...weight.shape.slice(3)]
    : weight.shape;
  const { start, count } = options.columns ?? { start: 0, count: allColumns };
  if (depth !== channels || channels % 4 !== 0 || (count / columnFrames) % 4 !== 0 || start % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: a window of ${channels} channels and the weight [${weight.shape}]: input channels must agree and, like the output channels, be multiples of 4.`,
    );
  if (tapRows > 1 !== (border === 1) || past + window.frames < tapFrames)
    throw new AppError(
      'shape-mismatch',
      `${label}: taps ${tapFrames}×${tapRows}×${tapColumns} on ${past} + ${window.frames} frames with border ${border}.`,
    );
  if (bias) expectShape(`${label}.bias`, bias, [allColumns]);

  // Taps, without those of the past if there is only zero.
  const skipped = options.skipZeros && window.pastIsZero && window.frames === 1 && stride === 'none' ? past : 0;
  const taps = (tapFrames - skipped) * tapRows * tapColumns;
  const channels4 = channels / 4;
  const pitch = window.width + border;
  const plane = planeOf(window.height, window.width, border);

  // Pixels of a batch, and of the whole result.
  const step = stride === 'time' ? 2 : 1;
  const frames = Math.floor((past + window.frames - tapFrames) / step) + 1;
  const shrink = stride === 'space' ? 2 : 1;
  const [height, width] = [window.height / shrink, window.width / shrink];
  const strided = stride !== 'none';
  const batches = phases ? 4 : strided ? frames : 1;
  const batchFrames = strided ? 1 : frames;
  const grow = phases ? 2 : 1;
  const line = width * grow;
  const image = height * grow * line;
  const resultColumns = count / columnFrames;
  const result = addTo ?? r.tensor(label, [frames * columnFrames, height * grow, line, resultColumns]);
  expectShape(label, result, [frames * columnFrames, height * grow, line, resultColumns]);
  if (plus) expectShape(`${label} addend`, plus, result.shape);
  const growth = grown && growthTo(label, result, grown);

  const rows = (batchFrames - 1) * plane + (height - 1) * pitch + width;
  const left = activationType(window.tensor);
  const tuning = chooseTile(
    r,
    'conv',
    { rows: rows * batches, columns: count, depth: taps * channels, left, weight: weight.type },
    options.tuning,
  );
  const form = tileForm(tuning, taps * channels);
  const groups = batches * tileGroups(rows, count, tuning);
  r.dispatch({
    label,
    shader: compose({
      name: 'conv',
      source,
      types: {
        Left: left,
        Result: activationType(result),
        ...form.types,
      },
      parts: [
        form.part,
        weightPart(weight),
        bias ? biasColumns : biasNone,
        addTo ? addendResult : plus ? addendGiven : growth ? addendGrown : addendNone,
        activation === 'relu' ? activationRelu : activationNone,
      ],
      tuning: form.tuning,
      subgroups: form.subgroups === true,
      matrices: form.matrices === true,
    }),
    bindings: {
      1: window.tensor,
      2: weight,
      3: result,
      ...(bias && { 4: bias }),
      ...(plus && { 5: plus }),
      ...(grown && { 5: grown.x }),
    },
    params: words(
      rows,
      count,
      taps * channels4,
      channels4,
      // The operand that fits caches less well is the one to go through once.
      tensorBytes(window.tensor) > tensorBytes(weight) ? 1 : 0,
      skipped * plane + (stride === 'space' ? pitch + 1 : 0),
      shrink * channels4,
      phases ? 2 : batches,
      phases ? pitch : 0,
      phases ? 1 : step * plane,
      f32(1 / (tapColumns * channels4)),
      ((pitch - tapColumns) * channels4) >>> 0,
      f32(1 / (tapRows * tapColumns * channels4)),
      ((plane - tapRows * pitch) * channels4) >>> 0,
      tapFrames * tapRows * tapColumns * channels4,
      skipped * tapRows * tapColumns * channels4,
      phases ? allColumns * taps * channels4 : 0,
      start,
      pitch,
      plane,
      width,
      height,
      image * columnFrames,
      line * grow,
      grow,
      phases ? line : 0,
      phases ? 1 : image * columnFrames,
      image,
      resultColumns,
      ...(growth ?? [0, 0, 0, 0]),
    ),
    groups,
    computedFlops: tileFlops(groups, tuning, taps * channels),
    cost: convCost(
      window.tensor,
      weight,
      result,
      { taps, columns: count },
      tensorBytes(result) * (addTo || plus ? 1 : 0) + (grown ? tensorBytes(grown.x) : 0),
    ),
  });
  return result;
}

/** Width and channels of the shortcut, how frames multiply, and how many are left out. Throws AppError shape-mismatch. */
function growthTo(label: string, result: Tensor, { x, time, first }: NonNullable<ConvOptions['grown']>): number[] {
  const [t = 0, y = 0, width = 0, inputChannels = 0] = x.shape;
  const channels = result.shape[3]!;
  const factor = time ? 2 : 1;
  const dropped = time && first ? 1 : 0;
  expectShape(`${label} shortcut`, { ...x, shape: [t * factor - dropped, y * 2, width * 2, channels] }, result.shape);
  if (!Number.isInteger((channels * factor * 4) / inputChannels) || result.type !== x.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: ${inputChannels} channels of ${x.type} cannot grow to ${channels} of ${result.type}.`,
    );
  return [width, inputChannels, factor, dropped];
}

/** Multiply-adds that meet a pixel or its zero border; the weights of the taps and columns in use. */
export function convCost(
  window: Tensor,
  weight: Tensor,
  result: Tensor,
  { taps, columns }: { taps: number; columns: number },
  addendBytes: number,
): Cost {
  const channels = weight.shape.at(-1)!;
  const kernels = weight.shape.length === 6 ? 4 : 1;
  const weightBytes = kernels * columns * taps * channels * ELEMENT_BYTES[weight.type];
  return {
    flops: flops(2 * elements(result.shape) * taps * channels),
    bytes: bytes(tensorBytes(window) + weightBytes + tensorBytes(result) + addendBytes),
  };
}
