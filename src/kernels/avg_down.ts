/** The parameter-free shortcut around a stage of the VAE encoder, added to the stage's result. */
import source from '../../shaders/avg_down.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';

const THREADS = 64;

export interface AvgDownOptions {
  readonly label: string;
  /** Whether frames, and whether rows and columns, are halved. */
  readonly time: boolean;
  readonly space: boolean;
}

/** main (t, y, x, channels) += x (T, Y, X, input channels), averaged to its shape. */
export function avgDown(r: Recorder, x: Tensor, main: Tensor, { label, time, space }: AvgDownOptions): void {
  const [frames = 0, height = 0, width = 0, inputChannels = 0] = x.shape;
  const [factorTime, factorSpace] = [time ? 2 : 1, space ? 2 : 1];
  const channels = main.shape[3]!;
  expectShape(label, main, [Math.ceil(frames / factorTime), height / factorSpace, width / factorSpace, channels]);
  const group = (inputChannels * factorTime * factorSpace ** 2) / channels;
  if (!Number.isInteger(group) || channels % 4 !== 0 || main.type !== x.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: ${inputChannels} channels of ${x.type} cannot shrink to ${channels} of ${main.type}.`,
    );
  const count = elements(main.shape) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'avg_down', source, types: { Value: activationType(x) } }),
    bindings: { 1: x, 2: main },
    params: words(
      count,
      channels / 4,
      main.shape[1]!,
      main.shape[2]!,
      inputChannels,
      factorTime,
      factorSpace,
      group,
      main.shape[0]! * factorTime - frames,
    ),
    groups: Math.ceil(count / THREADS),
    cost: avgDownCost(x, main),
  });
}

export function avgDownCost(x: Tensor, main: Tensor): Cost {
  return {
    flops: flops(elements(x.shape) + elements(main.shape)),
    bytes: bytes(tensorBytes(x) + 2 * tensorBytes(main)),
  };
}
