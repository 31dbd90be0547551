/** Values for the inputs of a kernel that is only timed, or compared with itself: all of them ordinary numbers. */
import type { GpuContext } from '../gpu/context';
import { type Tensor, tensorBytes } from '../gpu/tensor';
import { writeBytes } from '../gpu/transfer';
import { synthSource } from './synth_source';

/** Synthetic numbers where there is a rule for the type; else bytes of which no half or fp8 is infinite. */
export async function fillInputs(
  context: GpuContext,
  inputs: ReadonlyMap<string, Tensor>,
  signal?: AbortSignal,
): Promise<void> {
  const byRule = ([, { type }]: [string, Tensor]) => type === 'f32' || type === 'f16' || type === 'bf16';
  await synthSource(context, { type: 'bf16' }).fill(new Map([...inputs].filter(byRule)), { signal });
  for (const [, tensor] of [...inputs].filter((input) => !byRule(input))) {
    let state = 1;
    // A step of a linear congruential generator (Numerical Recipes); bit 6 of each byte cleared, the highest of an exponent.
    const words = Uint32Array.from({ length: tensorBytes(tensor) / 4 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state & 0xbfbfbfbf;
    });
    writeBytes(context.memory, tensor, new Uint8Array(words.buffer));
  }
}
