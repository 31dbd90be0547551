/** Where a network's weights come from. Networks and stages see this interface alone. */
import { AppError } from '../core/errors';
import { elements, type Tensor } from '../gpu/tensor';
import type { Storing, WeightTile } from '../gpu/weight_tree';

export interface FillOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called as bytes reach the GPU, with how many more there are now. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** A part of a tile that is brought in one go: read, and written to the GPU's queue. */
export interface Piece {
  readonly bytes: number;
  /** `busy` is told when reading or copying begins and ends; waiting for the GPU is neither. */
  bring(signal: AbortSignal | undefined, busy?: (more: 1 | -1) => void): Promise<void>;
}

export interface WeightSource extends Storing {
  /** For results and messages. */
  readonly label: string;
  /** Write whole tensors, by their checkpoint names. They have memory, of the type `plantTree` gave them. */
  fill(tensors: ReadonlyMap<string, Tensor>, options?: FillOptions): Promise<void>;
  /** What brings a tile into its memory, in any order and many at once. Nothing is read before `bring`. */
  pieces(tile: WeightTile): readonly Piece[];
  /** Write rows `ids` of a table of this shape into `target` (ids.length, width) f32: just those are read. */
  rows(
    name: string,
    shape: readonly number[],
    ids: readonly number[],
    target: Tensor,
    options?: FillOptions,
  ): Promise<void>;
}

export function checkRows(name: string, shape: readonly number[], ids: readonly number[], target: Tensor): void {
  const [rows = 0, ...rest] = shape;
  const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= rows);
  if (wrong !== undefined)
    throw new AppError('input-invalid', `Row ${wrong} of ${name} was asked for, which has ${rows}.`);
  if (target.shape[0] !== ids.length || elements(target.shape) !== ids.length * elements(rest))
    throw new AppError(
      'shape-mismatch',
      `${ids.length} rows of ${name} [${shape}] do not make [${target.shape}], the shape of ${target.storage.label}.`,
    );
}
