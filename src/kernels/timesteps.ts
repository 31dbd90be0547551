/** The timestep's modulation vectors, and which token uses which (lib/timestep.wgsl). */
import type { Tensor } from '../gpu/tensor';

export interface Timesteps {
  /** f32: (vectors, 6, dim) for blocks, (vectors, 1, dim) for the head. */
  readonly vectors: Tensor;
  /** Tokens of one sequence; rows of a batch repeat them. */
  readonly tokens: number;
  /** Tokens that use vector 0; the rest use vector 1. `EVERY_TOKEN` gives each its own. */
  readonly split: number;
  /** Row of the whole that the first row here is, when rows are done in chunks. */
  readonly firstRow?: number;
}

export const EVERY_TOKEN = 0xffffffff;
