/** LayerNorm and RMS norm over the channels of each row of the residual stream, with what follows them fused in. */
import affinePart from '../../shaders/lib/restyle_affine.wgsl?raw';
import modulatedPart from '../../shaders/lib/restyle_modulated.wgsl?raw';
import weightPart from '../../shaders/lib/restyle_weight.wgsl?raw';
import timestep from '../../shaders/lib/timestep.wgsl?raw';
import source from '../../shaders/row_norm.wgsl?raw';
import type { Cost } from '../core/cost';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { activationType, compose, expectShape, f32, words } from './kernel';
import { type RowTuning, rowParts, rowTuning } from './row';
import type { Timesteps } from './timesteps';

type Style =
  /** RMS norm times a weight (channels). */
  | { readonly kind: 'rms'; readonly weight: Tensor }
  /** LayerNorm times a weight plus a bias (channels). */
  | { readonly kind: 'affine'; readonly weight: Tensor; readonly bias: Tensor }
  /** LayerNorm · (1 + scale) + shift, by rows of `modulation` (6 or 2, channels) and of the timestep's vectors. */
  | {
      readonly kind: 'modulated';
      readonly modulation: Tensor;
      readonly timesteps: Timesteps;
      readonly shift: number;
      readonly scale: number;
    };

export interface RowNormOptions {
  readonly label: string;
  readonly epsilon: number;
  readonly type?: 'f32' | 'f16';
  readonly tuning?: RowTuning;
}

/** x (rows, channels) f32 → (rows, channels) of the activation type. Channels are a multiple of 4. */
export function rowNorm(r: Recorder, x: Tensor, style: Style, options: RowNormOptions): Tensor {
  const { label, epsilon } = options;
  const [rows = 0, channels = 0] = x.shape;
  const result = r.tensor(label, x.shape, options.type);
  const { kind } = style;
  if (kind === 'modulated')
    expectShape(label, style.timesteps.vectors, [
      style.timesteps.vectors.shape[0]!,
      style.modulation.shape[0] === 2 ? 1 : 6,
      channels,
    ]);
  else expectShape(label, style.weight, [channels]);

  const tuning = rowTuning(r, options.tuning);
  const restyle = {
    rms: [weightPart],
    affine: [affinePart],
    modulated: [modulatedPart, timestep],
  }[kind];
  r.dispatch({
    label,
    shader: compose({
      name: 'row_norm',
      source,
      types: { Result: activationType(result) },
      parts: [...rowParts(tuning), ...restyle],
      tuning: {
        ...tuning,
        CENTRE: kind === 'rms' ? 0 : 1,
        ...(kind === 'modulated' && { TIMESTEP_ROWS: style.timesteps.vectors.shape[1]! }),
      },
    }),
    bindings: {
      1: x,
      2: result,
      ...(kind === 'modulated' ? { 3: style.modulation, 4: style.timesteps.vectors } : { 3: style.weight }),
      ...(kind === 'affine' && { 4: style.bias }),
    },
    params:
      kind === 'modulated'
        ? words(channels / 4, f32(epsilon), style.timesteps.tokens, style.timesteps.split, style.shift, style.scale)
        : words(channels / 4, f32(epsilon), 1, 0, 0, 0),
    groups: rows,
    cost: rowNormCost(rows, channels, ELEMENT_BYTES[result.type]),
  });
  return result;
}

export function rowNormCost(rows: number, channels: number, resultBytes: number): Cost {
  const elements = rows * channels;
  return { flops: flops(8 * elements), bytes: bytes(elements * (4 + resultBytes)) };
}
