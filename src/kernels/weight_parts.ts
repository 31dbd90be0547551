/** How a matrix is decoded inside a kernel: one WGSL part for each stored type. */
import bf16 from '../../shaders/lib/weight_bf16.wgsl?raw';
import f16 from '../../shaders/lib/weight_f16.wgsl?raw';
import f32 from '../../shaders/lib/weight_f32.wgsl?raw';
import { AppError } from '../core/errors';
import type { Tensor } from '../gpu/tensor';

const PARTS: Partial<Record<Tensor['type'], string>> = { f32, f16, bf16 };

/** The part that declares `weight4(index)`: four consecutive weights as vec4f. */
export function weightPart(weight: Tensor): string {
  const part = PARTS[weight.type];
  if (!part)
    throw new AppError(
      'shape-mismatch',
      `${weight.storage.label} is stored as ${weight.type}, which no kernel decodes.`,
    );
  return part;
}
