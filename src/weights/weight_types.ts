/**
 * The types weights are stored in, one row each: what a block of them takes and
 * what files call it. A row, the shader part `shaders/lib/weight_<type>.wgsl` and
 * a test are all that a type needs (docs/weight-types.md).
 *
 * Block layouts: ggml's `ggml-common.h` and `ggml-quants.c`; fp8: the OCP 8-bit
 * floating point specification, E4M3 in its "fn" form, without infinities.
 */

export interface WeightFormat {
  /** Elements in one block, and its bytes. A power of two, so that bytes an element are exact. */
  readonly elements: number;
  readonly bytes: number;
  /** What safetensors files and GGUF files call it, where they can hold it. */
  readonly safetensors?: string;
  readonly ggml?: number;
}

const FORMATS = {
  f32: { elements: 1, bytes: 4, safetensors: 'F32', ggml: 0 },
  f16: { elements: 1, bytes: 2, safetensors: 'F16', ggml: 1 },
  bf16: { elements: 1, bytes: 2, safetensors: 'BF16', ggml: 30 },
  f8_e4m3: { elements: 1, bytes: 1, safetensors: 'F8_E4M3' },
  f8_e5m2: { elements: 1, bytes: 1, safetensors: 'F8_E5M2' },
  q8_0: { elements: 32, bytes: 34, ggml: 8 },
  q4_0: { elements: 32, bytes: 18, ggml: 2 },
  q4_1: { elements: 32, bytes: 20, ggml: 3 },
  q5_0: { elements: 32, bytes: 22, ggml: 6 },
  q5_1: { elements: 32, bytes: 24, ggml: 7 },
  q2_k: { elements: 256, bytes: 84, ggml: 10 },
  q3_k: { elements: 256, bytes: 110, ggml: 11 },
  q4_k: { elements: 256, bytes: 144, ggml: 12 },
  q5_k: { elements: 256, bytes: 176, ggml: 13 },
  q6_k: { elements: 256, bytes: 210, ggml: 14 },
} satisfies Record<string, WeightFormat>;

export type WeightType = keyof typeof FORMATS;

export const WEIGHT_FORMATS: Readonly<Record<WeightType, WeightFormat>> = FORMATS;
