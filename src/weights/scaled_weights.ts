/**
 * Scaled 8-bit weights: a matrix in fp8 and, beside it, what its numbers are to be multiplied by.
 *
 * Two dialects, both ComfyUI's (`comfy/utils.py` turns one into the other): `X.scale_weight` with a
 * marker tensor `scaled_fp8` somewhere in the file, and the newer `X.weight_scale`.
 */
import { AppError } from '../core/errors';
import type { StoredTensor } from './checkpoint';
import type { WeightType } from './weight_types';

const SCALE_TYPES: readonly (WeightType | null)[] = ['f32', 'f16', 'bf16'];

/** The name of the weight that the tensor `name` is the scale of, or null if it is none. */
export function weightOfScale(name: string): string | null {
  const [, layer] = /^(.*\.)(?:scale_weight|weight_scale)$/.exec(name) ?? [];
  return layer === undefined ? null : `${layer}weight`;
}

/** Tensors that belong to the two dialects and change no weight: the marker, scales of activations, names of formats. */
export function isScalingNote(name: string): boolean {
  return /(^|\.)(scaled_fp8|scale_input|input_scale|comfy_quant)$/.test(name);
}

/** `weight` with its scale: one value, or one a row as [rows] or [rows, 1]. Throws file-invalid for any other. */
export function withScale(name: string, weight: StoredTensor, scale: StoredTensor): StoredTensor {
  const rows = weight.shape[0] ?? 1;
  const [first = 1, second = 1] = scale.shape;
  const fits = scale.shape.length <= 2 && second === 1 && (first === 1 || first === rows);
  if (!fits || !SCALE_TYPES.includes(scale.type))
    throw new AppError(
      'file-invalid',
      `The scale of ${name} in ${scale.source.name} is ${scale.dtype} [${scale.shape.join(', ')}]; read are F32, F16 and BF16, one value or one for each of the ${rows} rows.`,
    );
  if (weight.scale)
    throw new AppError(
      'file-invalid',
      `${name} has two scales, in ${weight.scale.source.name} and ${scale.source.name}.`,
    );
  return { ...weight, scale };
}
