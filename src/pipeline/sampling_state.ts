/**
 * A sampling loop between two steps, as plain numbers: what it starts from, and what it leaves after every step so that
 * a stopped, crashed or device-lost run goes on from there, to the same frames bit for bit.
 */
import { expectFinite } from '../core/deviation';
import { AppError } from '../core/errors';
import type { Memory } from '../gpu/memory';
import { ELEMENT_BYTES, type Tensor, tensorBytes } from '../gpu/tensor';
import { readNumbers } from '../gpu/transfer';
import { solverWeights } from '../sampling/bound_solver';
import { type Slot, X0_SLOTS } from '../sampling/recipe';
import type { Solver } from '../sampling/solver';

/** All that a run needs to go on after a step. */
export interface SamplingState {
  /** Steps done. */
  readonly done: number;
  /** 'sample' and the x0 predictions. */
  readonly slots: ReadonlyMap<Slot, Float32Array>;
  /** Latents of the given first frame, (channels, 1, height, width). */
  readonly fixed: Float32Array | null;
}

/** Before the first step. */
export const startOf = (noise: Float32Array, fixed: Float32Array | null = null): SamplingState => ({
  done: 0,
  slots: new Map([['sample', noise]]),
  fixed,
});

/** What outlives a step; the velocities are made anew in the next. */
export const keptSlots = ({ slots }: Solver): readonly Slot[] =>
  slots.filter((slot) => slot === 'sample' || X0_SLOTS.some((x0) => x0 === slot));

/** GPU memory of sampling, with a given first frame or without, beside the latents themselves, which are the denoiser's. */
export function solverBytes(
  solver: Solver,
  [channels, frames, height, width]: readonly [number, number, number, number],
  hasImage: boolean,
): number {
  const kept = (keptSlots(solver).length - 1) * frames + (hasImage ? 1 : 0);
  return kept * channels * height * width * ELEMENT_BYTES.f32 + tensorBytes(solverWeights(solver));
}

/** Throws AppError not-finite where the numbers overflowed: no step after this one would mend it. */
export async function readState(
  memory: Memory,
  solver: Solver,
  tensors: ReadonlyMap<Slot, Tensor>,
  { done, fixed }: Pick<SamplingState, 'done' | 'fixed'>,
  signal?: AbortSignal,
): Promise<SamplingState> {
  const slots = new Map<Slot, Float32Array>();
  for (const slot of keptSlots(solver)) {
    const values = await readNumbers(memory, tensors.get(slot)!, signal);
    expectFinite(`The latents (${slot}) after step ${done}`, values);
    slots.set(slot, values);
  }
  return { done, slots, fixed };
}

/** A kept state may be another run's. Throws AppError input-invalid with both numbers where it is not this one's. */
export function checkState(
  { done, slots, fixed }: SamplingState,
  solver: Solver,
  [channels, frames, height, width]: readonly [number, number, number, number],
  hasImage: boolean,
): void {
  const refuse = (what: string) => {
    throw new AppError('input-invalid', `The kept state is of another run: ${what}. Begin anew.`);
  };
  const steps = solver.steps.length;
  if (!Number.isInteger(done) || done < 0 || done > steps) refuse(`${done} steps are done, this run has ${steps}`);
  if ((fixed !== null) !== hasImage)
    refuse(`it has ${fixed ? 'a' : 'no'} first frame, this run ${hasImage ? 'a' : 'no'} given one`);
  const expect = (name: string, values: Float32Array | undefined, count: number) => {
    if (values?.length !== count) refuse(`${name} has ${values?.length ?? 'no'} values, here it has ${count}`);
    expectFinite(`The kept ${name}`, values!);
  };
  const area = channels * height * width;
  for (const slot of keptSlots(solver)) expect(slot, slots.get(slot), area * frames);
  if (fixed) expect('first frame', fixed, area);
}
