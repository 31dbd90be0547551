/** The parameter-free shortcut around an upsampling stage of the VAE decoder, added to the stage's result. */
import source from '../../shaders/dup_up.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';

const THREADS = 64;

export interface DupUpOptions {
  readonly label: string;
  /** Frames double, as rows and columns do. */
  readonly time: boolean;
  /** The first chunk, whose first frame stays one: the leading frame of its pair is dropped. */
  readonly first: boolean;
}

/** main (T, 2y, 2x, channels) += x (t, y, x, input channels), grown to its shape. */
export function dupUp(r: Recorder, x: Tensor, main: Tensor, { label, time, first }: DupUpOptions): void {
  const [t = 0, y = 0, width = 0, inputChannels = 0] = x.shape;
  const channels = main.shape[3]!;
  const factor = time ? 2 : 1;
  const dropped = time && first ? 1 : 0;
  expectShape(label, main, [t * factor - dropped, y * 2, width * 2, channels]);
  const repeats = (channels * factor * 4) / inputChannels;
  if (!Number.isInteger(repeats) || channels % 4 !== 0 || main.type !== x.type)
    throw new AppError(
      'shape-mismatch',
      `${label}: ${inputChannels} channels of ${x.type} cannot grow to ${channels} of ${main.type}.`,
    );
  const count = elements(main.shape) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'dup_up', source, types: { Value: activationType(x) } }),
    bindings: { 1: x, 2: main },
    params: words(count, channels / 4, main.shape[1]!, main.shape[2]!, inputChannels, factor, repeats, dropped),
    groups: Math.ceil(count / THREADS),
    cost: dupUpCost(x, main),
  });
}

export function dupUpCost(x: Tensor, main: Tensor): Cost {
  return { flops: flops(elements(main.shape)), bytes: bytes(tensorBytes(x) + 2 * tensorBytes(main)) };
}
