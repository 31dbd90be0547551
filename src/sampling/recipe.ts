/**
 * What a solver asks of the GPU: tensors combined with scalar weights, nothing
 * else. A recipe fills one slot from others, element by element; the target is
 * never among the sources, because WebGPU refuses to bind one buffer for
 * reading and writing in the same dispatch.
 */

/**
 * Buffers of the latents' shape. `sample` is what the network reads, `conditional`
 * and `unconditional` are its two velocities (without guidance only the first
 * exists), and the `x0` slots are a ring of the latest x0 predictions.
 */
export type Slot = 'sample' | 'conditional' | 'unconditional' | X0Slot;
export type X0Slot = (typeof X0_SLOTS)[number];
export const X0_SLOTS = ['x0.0', 'x0.1', 'x0.2'] as const;

/** The kernel that runs recipes takes at most this many sources. */
export const MAX_TERMS = 6;

export interface Term {
  readonly source: Slot;
  readonly weight: number;
}

/** target = Σ weight · source */
export interface Recipe {
  readonly target: Slot;
  readonly terms: readonly Term[];
}

/** velocity = uncond + guidance · (cond − uncond), scaled by `weight`. At guidance 1 the second forward is not needed. */
export function velocityTerms(weight: number, guidance: number): Term[] {
  const conditional: Term = { source: 'conditional', weight: weight * guidance };
  return guidance === 1 ? [conditional] : [conditional, { source: 'unconditional', weight: weight * (1 - guidance) }];
}

/** Leaves out what has no weight, so that a slot not yet written is never read. */
export function recipe(target: Slot, terms: readonly Term[]): Recipe {
  return { target, terms: terms.filter(({ weight }) => weight !== 0) };
}

type Tensor = Float32Array | Float64Array;

/** The meaning of a recipe, on the CPU: sums in double precision, rounds as the target's type does. */
export function applyRecipe({ target, terms }: Recipe, slots: Readonly<Partial<Record<Slot, Tensor>>>): void {
  const tensor = (slot: Slot): Tensor => {
    const found = slots[slot];
    if (!found) throw new Error(`No tensor in slot ${slot}.`);
    return found;
  };
  const output = tensor(target);
  const inputs = terms.map(({ source, weight }) => ({ values: tensor(source), weight }));
  for (let i = 0; i < output.length; i++) {
    output[i] = inputs.reduce((sum, { values, weight }) => sum + weight * values[i]!, 0);
  }
}
