/**
 * The types weights are stored in, one row each: what a block of them takes,
 * what files call it and what it means. A row, the shader part
 * `shaders/lib/weight_<type>.wgsl` and a test are all that a type needs
 * (docs/weight-types.md).
 *
 * Block layouts: ggml's `ggml-common.h` and `ggml-quants.c`; fp8: the OCP 8-bit
 * floating point specification, E4M3 in its "fn" form, without infinities.
 */

import { AppError } from '../core/errors';
import * as decode from './decode';

export interface WeightFormat {
  /** Elements in one block, and its bytes. A power of two, so that bytes an element are exact. */
  readonly elements: number;
  readonly bytes: number;
  /** What safetensors files and GGUF files call it, where they can hold it. */
  readonly safetensors?: string;
  readonly ggml?: number;
  /** One block to f32. */
  readonly decode: decode.BlockDecoder;
}

const FORMATS = {
  f32: { elements: 1, bytes: 4, safetensors: 'F32', ggml: 0, decode: decode.f32 },
  f16: { elements: 1, bytes: 2, safetensors: 'F16', ggml: 1, decode: decode.f16 },
  bf16: { elements: 1, bytes: 2, safetensors: 'BF16', ggml: 30, decode: decode.bf16 },
  f8_e4m3: { elements: 1, bytes: 1, safetensors: 'F8_E4M3', decode: decode.f8_e4m3 },
  f8_e5m2: { elements: 1, bytes: 1, safetensors: 'F8_E5M2', decode: decode.f8_e5m2 },
  q8_0: { elements: 32, bytes: 34, ggml: 8, decode: decode.q8_0 },
  q4_0: { elements: 32, bytes: 18, ggml: 2, decode: decode.q4_0 },
  q4_1: { elements: 32, bytes: 20, ggml: 3, decode: decode.q4_1 },
  q5_0: { elements: 32, bytes: 22, ggml: 6, decode: decode.q5_0 },
  q5_1: { elements: 32, bytes: 24, ggml: 7, decode: decode.q5_1 },
  q2_k: { elements: 256, bytes: 84, ggml: 10, decode: decode.q2_k },
  q3_k: { elements: 256, bytes: 110, ggml: 11, decode: decode.q3_k },
  q4_k: { elements: 256, bytes: 144, ggml: 12, decode: decode.q4_k },
  q5_k: { elements: 256, bytes: 176, ggml: 13, decode: decode.q5_k },
  q6_k: { elements: 256, bytes: 210, ggml: 14, decode: decode.q6_k },
} satisfies Record<string, WeightFormat>;

export type WeightType = keyof typeof FORMATS;

export const WEIGHT_FORMATS: Readonly<Record<WeightType, WeightFormat>> = FORMATS;

/** Elements as they stand in a file → f32. Throws AppError file-invalid where the bytes are not whole blocks. */
export function decodeWeights(type: WeightType, bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const format = WEIGHT_FORMATS[type];
  const blocks = bytes.length / format.bytes;
  if (!Number.isInteger(blocks))
    throw new AppError(
      'file-invalid',
      `${bytes.length} bytes of ${type} are not a whole number of its blocks of ${format.bytes} bytes. The file is cut off or damaged; fetch it again.`,
    );
  const values = new Float32Array(blocks * format.elements);
  for (let i = 0; i < blocks; i++) format.decode(bytes, i * format.bytes, values, i * format.elements);
  return values;
}
