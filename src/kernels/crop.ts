/** A rectangle out of every frame: what the rest of a network still has to see of a tile. */
import source from '../../shaders/crop.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { elements, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, words } from './kernel';

const THREADS = 64;

export interface CropOptions {
  readonly label: string;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** x (frames, rows, columns, channels), channels a multiple of 4 → (frames, height, width, channels); x itself where that is all of it. */
export function crop(r: Recorder, x: Tensor, { label, top, left, height, width }: CropOptions): Tensor {
  const [frames = 0, rows = 0, columns = 0, channels = 0] = x.shape;
  const outside = top < 0 || left < 0 || height < 1 || width < 1 || top + height > rows || left + width > columns;
  if (outside || channels % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: ${height}×${width} pixels from row ${top}, column ${left} of [${x.shape}]: they must be inside, and the channels a multiple of 4.`,
    );
  if (height === rows && width === columns) return x;
  const result = r.tensor(label, [frames, height, width, channels], x.type);
  const count4 = elements(result.shape) / 4;
  r.dispatch({
    label,
    shader: compose({ name: 'crop', source, types: { Value: activationType(x) } }),
    bindings: { 1: x, 2: result },
    params: words(count4, channels / 4, height, width, rows, columns, top, left),
    groups: Math.ceil(count4 / THREADS),
    cost: cropCost(result),
  });
  return result;
}

export function cropCost(result: Tensor): Cost {
  return { flops: flops(0), bytes: bytes(2 * tensorBytes(result)) };
}
