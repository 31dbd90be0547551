/** Faults that several tests make: a kernel that the adapter’s compiler refuses, weights that are NaN, a clock that leaps. */
import { onTestFinished, vi } from 'vitest';
import type { GpuContext } from '../../src/gpu/context';
import type { Shader } from '../../src/gpu/program';
import { tensorBytes } from '../../src/gpu/tensor';
import { writeBytes } from '../../src/gpu/transfer';
import type { WeightSource } from '../../src/pipeline/weight_source';

/** Until the test ends kernels are compiled from what `codeOf` makes of them. */
export function changeKernels({ pipelines }: GpuContext, codeOf: (shader: Shader) => string): void {
  const get = pipelines.get.bind(pipelines);
  const changed = vi.spyOn(pipelines, 'get').mockImplementation((shader) => get({ ...shader, code: codeOf(shader) }));
  onTestFinished(() => changed.mockRestore());
}

/** These have one line more, which the adapter's own compiler does not know. */
export const spoilKernels = (context: GpuContext, isSpoiled: (shader: Shader) => boolean): void =>
  changeKernels(context, (shader) => (isSpoiled(shader) ? `${shader.code}\nconst spoiled = nothing;` : shader.code));

/** What is told of such a kernel. */
export const refusedKernel = (name: string): RegExp =>
  new RegExp(`kernel ${name} does not compile.*const spoiled = nothing`, 's');

/** The same weights, but of one of them every bit is set: NaN in every type of float. */
export function withNaN({ memory }: GpuContext, source: WeightSource, name: string): WeightSource {
  return {
    ...source,
    async fill(tensors, options) {
      await source.fill(tensors, options);
      const tensor = tensors.get(name);
      if (tensor) writeBytes(memory, tensor, new Uint8Array(tensorBytes(tensor)).fill(0xff));
    },
  };
}

/** Until the test ends every few readings of the clock are an hour ahead or behind. Counts the readings. */
export function leapingClock(): { readings: number } {
  const read = performance.now.bind(performance);
  const clock = { readings: 0 };
  const leaping = vi.spyOn(performance, 'now').mockImplementation(() => {
    clock.readings += 1;
    return read() + (clock.readings % 7 === 3 ? 3.6e6 : clock.readings % 5 === 1 ? -3.6e6 : 0);
  });
  onTestFinished(() => leaping.mockRestore());
  return clock;
}
