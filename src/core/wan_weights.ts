/**
 * How large the three networks of Wan2.2 TI2V-5B are, by the type that their
 * weights are stored in: what quantisation and residency come down to.
 */

/** Parameters, counted from the published checkpoints. */
export const PARAMETERS = { transformer: 4_999_787_712, textEncoder: 5_680_910_336, videoCoder: 704_688_668 } as const;

/** Of blocked types a scale's share is in it: 34 bytes hold 32 weights of q8_0. */
const BYTES_A_WEIGHT: Readonly<Record<string, number>> = {
  f32: 4,
  f16: 2,
  bf16: 2,
  fp8: 1,
  f8_e4m3: 1,
  f8_e5m2: 1,
  q8_0: 34 / 32,
  q6_k: 210 / 256,
  q5_k: 176 / 256,
  q5_1: 24 / 32,
  q5_0: 22 / 32,
  q4_k: 144 / 256,
  q4_1: 20 / 32,
  q4_0: 18 / 32,
  q3_k: 110 / 256,
  q2_k: 84 / 256,
};

/** Of a type as runs name it; of several ('q8_0 f16') the first, which most bytes are of. Null: not a known type. */
export function bytesPerWeight(weights: string | null): number | null {
  return BYTES_A_WEIGHT[weights?.toLowerCase().split(/[\s,+]/)[0] ?? ''] ?? null;
}
