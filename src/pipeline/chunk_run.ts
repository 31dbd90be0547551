/** The video coder goes chunk by chunk, a latent frame each: what passes from one to the next, and how they are run. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import { bindTogether, type GpuContext } from '../gpu/context';
import type { Program, Recorder } from '../gpu/program';
import { sharedScratchBytes } from '../gpu/scratch';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { Chunk } from '../vae/blocks';
import type { LatentMoments } from '../vae/config';
import type { ComputeOptions } from './options';

/** Programs for every chunk in turn, and the tensors that have memory, zero at first, only while they run. */
export interface ChunkPass {
  /** One for each chunk, to be run before and after `main`. */
  readonly enter?: readonly Program[];
  readonly leave?: readonly Program[];
  /** That of the first chunk and, where there are more, that of all others. */
  readonly main: readonly Program[];
  readonly tensors: readonly Tensor[];
}

export interface ChunkHooks {
  /** Called once, when the tensors have memory. */
  readonly begin?: () => void;
  readonly before?: (chunk: number) => void | Promise<void>;
  readonly after?: (chunk: number) => void | Promise<void>;
  /** After `after`, while the next chunk is computed: it must have submitted its copies when it first waits. One at a time, in order. */
  readonly read?: (chunk: number) => void | Promise<void>;
}

/** Of the two things that differ between the first chunk and all others, the one for this chunk. */
export const ofChunk = <T>(pair: readonly T[], chunk: number): T => pair[chunk === 0 ? 0 : 1]!;

/** Whether each program of `main` is the first chunk's. */
export const chunkKinds = (count: number): boolean[] => (count === 1 ? [true] : [true, false]);

/** Frames of video before chunk i: one came first, then four each. */
export const firstFrame = (chunk: number) => (chunk === 0 ? 0 : 4 * chunk - 3);

/** GPU memory that a pass takes beside weights and what it is given. */
export function passBytes(pass: ChunkPass): number {
  return pass.tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0) + sharedScratchBytes(programsOf(pass));
}

/** Throws out-of-memory, with both numbers, where `what` takes more than is allowed in all. */
export function checkRoom(what: string, bytes: number, memoryBytes = Number.POSITIVE_INFINITY): void {
  if (bytes > memoryBytes)
    throw new AppError(
      'out-of-memory',
      `${what} takes ${mebibytes(bytes)} of GPU memory; ${mebibytes(memoryBytes)} are allowed. Allow more memory, or choose a smaller size.`,
    );
}

export const programsOf = ({ enter = [], main, leave = [] }: ChunkPass): Program[] => [...enter, ...main, ...leave];

export async function runPass(
  context: GpuContext,
  pass: ChunkPass,
  count: number,
  { signal, memoryBytes, onRun, onBlock }: Pick<ComputeOptions, 'signal' | 'memoryBytes' | 'onRun' | 'onBlock'>,
  { begin, before, after, read }: ChunkHooks,
): Promise<void> {
  const { enter = [], main, leave = [], tensors } = pass;
  checkRoom('The video coder at this size', context.memory.bytes + passBytes(pass), memoryBytes);
  await context.memory.allocate(tensors);
  try {
    const bound = await bindTogether(context, programsOf(pass), signal);
    const part = (from: number, programs: readonly Program[]) => bound.programs.slice(from, from + programs.length);
    const entering = part(0, enter);
    const mains = part(enter.length, main);
    const leaving = part(enter.length + main.length, leave);
    let reading = Promise.resolve();
    try {
      begin?.();
      for (let chunk = 0; chunk < count; chunk++) {
        await before?.(chunk);
        const programs = [entering[chunk], ofChunk(mains, chunk), leaving[chunk]].filter(
          (program) => program !== undefined,
        );
        const time = await context.runner.run(programs, { signal });
        onRun?.(time);
        await after?.(chunk);
        await reading; // a copy at a time; and what failed while this chunk was computed ends it here
        reading = Promise.resolve(read?.(chunk));
        reading.catch(() => {}); // awaited above or below
        onBlock?.(chunk + 1, count);
      }
      await reading;
    } finally {
      await reading.catch(() => {}); // so that nothing is given to anyone once this has failed
      bound.destroy();
    }
  } finally {
    context.memory.free(tensors);
  }
}

export const momentsTensor = (channels: number) => externalTensor('latent moments', [2, channels], 'f32');

export function writeMoments(memory: GpuContext['memory'], tensor: Tensor, { mean, deviation }: LatentMoments): void {
  writeNumbers(memory, tensor, [...mean, ...deviation]);
}

export type ChunkState = ReturnType<typeof chunkState>;

/** What passes from chunk to chunk: the pasts of the convolutions, by name; and taps, if asked for. */
export function chunkState(type: 'f32' | 'f16', savings: boolean, tapped: boolean) {
  const pasts = new Map<string, Tensor>();
  const taps = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  return {
    tensors: () => [...pasts.values(), ...taps.flatMap((map) => [...map.values()])],
    chunk: (r: Recorder, first: boolean): Chunk => ({
      first,
      savings,
      past: (name, shape) => {
        const past = pasts.get(name) ?? externalTensor(`${name} past`, shape, type);
        pasts.set(name, past);
        return past;
      },
      tap: (name, tensor) => {
        if (!tapped) return;
        const kept = externalTensor(name, tensor.shape, tensor.type);
        taps[first ? 0 : 1]!.set(name, kept);
        r.copy(`tap ${name}`, tensor, kept);
      },
    }),
    /** As the golden files have them: (channels, frames, height, width). */
    async readTaps({ memory }: GpuContext, chunk: number, tap: (name: string, values: Float32Array) => void) {
      for (const [name, tensor] of ofChunk(taps, chunk)) {
        const values = await readNumbers(memory, tensor);
        const channels = tensor.shape.at(-1)!;
        const pixels = values.length / channels;
        tap(
          `${name}.chunk${chunk}`,
          Float32Array.from(values, (_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)]!),
        );
      }
    },
  };
}
