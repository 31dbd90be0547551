/**
 * A tensor as the engine sees it before any memory exists: shape, element type,
 * and the storage it lives in. Row-major, the last dimension contiguous.
 *
 * Storage is an identity, not memory. `memory.ts` decides which GPU buffer a
 * scratch storage gets; an external storage is given its buffer by its owner.
 */
import { AppError } from '../core/errors';
import { WEIGHT_FORMATS, type WeightType } from '../weights/weight_types';

/** Element types of activations (f32, f16), of weights as they are stored, and of indices. */
export type ElementType = WeightType | 'u32';

/** Of types stored in blocks this is a fraction, and exact: blocks have a power of two of elements. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  ...(Object.fromEntries(
    Object.entries(WEIGHT_FORMATS).map(([type, { elements, bytes }]) => [type, bytes / elements]),
  ) as Record<WeightType, number>),
  u32: 4,
};

export interface Storage {
  readonly label: string;
  readonly bytes: number;
  /** Scratch lives inside one program; external memory outlives it and is bound by identity. */
  readonly scratch: boolean;
}

export interface Tensor {
  readonly storage: Storage;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly offsetBytes: number;
  /** Of a stored matrix: one factor for each row, (rows) f32; what its type decodes to is multiplied by it. */
  readonly scale?: Tensor;
  /** Of a stored matrix: a matrix of low rank to be added to it, (rows, rank) · (rank, depth). */
  readonly adapter?: { readonly up: Tensor; readonly down: Tensor };
  /** Of a matrix kept in pieces, each with memory of its own: ranges of its rows, in order. Its own storage is none. */
  readonly tiles?: readonly { readonly part: Tensor; readonly start: number }[];
}

export function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes of the tensor, rounded up to whole 32-bit words: the unit of every copy and binding. */
export function tensorBytes(tensor: Pick<Tensor, 'shape' | 'type'>): number {
  return Math.ceil((elements(tensor.shape) * ELEMENT_BYTES[tensor.type]) / 4) * 4;
}

/** Memory that outlives a program: weights, the residual stream, caches. Bound with `Memory.external`. */
export function externalTensor(label: string, shape: readonly number[], type: ElementType): Tensor {
  return { storage: { label, bytes: tensorBytes({ shape, type }), scratch: false }, shape, type, offsetBytes: 0 };
}

/** The least offset a binding may start at (WebGPU's default minStorageBufferOffsetAlignment). */
export const BINDING_ALIGNMENT_BYTES = 256;

/** Rows [start, start + count) of the first dimension, sharing memory. The start must fall on 256 bytes. */
export function rowsOf(tensor: Tensor, start: number, count: number): Tensor {
  const [rows = 0, ...rest] = tensor.shape;
  if (start < 0 || start + count > rows)
    throw new AppError(
      'shape-mismatch',
      `Rows ${start}–${start + count} of ${tensor.storage.label}, which has ${rows}.`,
    );
  const offsetBytes = tensor.offsetBytes + start * elements(rest) * ELEMENT_BYTES[tensor.type];
  if (offsetBytes % BINDING_ALIGNMENT_BYTES !== 0)
    throw new AppError(
      'shape-mismatch',
      `Row ${start} of ${tensor.storage.label} starts at byte ${offsetBytes}, not a multiple of 256.`,
    );
  return { ...tensor, shape: [count, ...rest], offsetBytes };
}

/** The same elements under another shape. */
export function reshape(tensor: Tensor, shape: readonly number[]): Tensor {
  if (elements(shape) !== elements(tensor.shape))
    throw new AppError(
      'shape-mismatch',
      `${tensor.storage.label} has shape [${tensor.shape}], which cannot become [${shape}].`,
    );
  return { ...tensor, shape };
}
