/** GPU memory of the stages of a video, each at its fullest, by what it holds: planned before anything runs. */

export interface MemoryParts {
  /** Weights that stay as long as the stage. */
  readonly weights: number;
  /** Slots that the other weights pass through. */
  readonly slots: number;
  /** All else: what the networks compute, and what they keep between steps or frames. */
  readonly activations: number;
}

/** In their order; each gives its memory back before the next. Null: it does not run. */
export interface StageMemory {
  readonly encode: MemoryParts | null;
  readonly image: MemoryParts | null;
  readonly denoise: MemoryParts | null;
  readonly decode: MemoryParts | null;
}

export const partsBytes = ({ weights, slots, activations }: MemoryParts): number => weights + slots + activations;

export const peakOfStages = (stages: StageMemory): number =>
  Math.max(0, ...Object.values(stages).map((parts: MemoryParts | null) => (parts ? partsBytes(parts) : 0)));
