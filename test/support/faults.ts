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

const HOUR_MS = 3.6e6;

/** By reading: some are an hour ahead, others one behind. */
const backAndForth = (reading: number): number => (reading % 7 === 3 ? HOUR_MS : reading % 5 === 1 ? -HOUR_MS : 0);
/** Set back by an hour at every third reading, so that what takes three is below zero. */
export const everFurtherBack = (reading: number): number => -HOUR_MS * Math.floor(reading / 3);

/** Until the test ends the clock is so much off, which goes by the readings since they were counted from 0. */
export function leapingClock(leapMs = backAndForth): { readings: number } {
  const read = performance.now.bind(performance);
  const clock = { readings: 0 };
  const leaping = vi.spyOn(performance, 'now').mockImplementation(() => {
    clock.readings += 1;
    return read() + leapMs(clock.readings);
  });
  onTestFinished(() => leaping.mockRestore());
  return clock;
}
