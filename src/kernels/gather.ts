/** Rows of a table by their numbers, in the order asked for: embeddings of token ids, biases of distances. */
import source from '../../shaders/gather.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';
import { expectPlain, weightPart } from './weight_parts';

const THREADS = 64;

export interface GatherOptions {
  readonly label: string;
  /** Where to write (rows, width); a new f32 scratch tensor unless given. */
  readonly into?: Tensor;
}

/** index (rows), u32; table (any, width) in a stored type, width a multiple of 4 → (rows, width). */
export function gather(r: Recorder, index: Tensor, table: Tensor, { label, into }: GatherOptions): Tensor {
  const [rows = 0] = index.shape;
  const [, width = 0] = table.shape;
  if (index.type !== 'u32' || index.shape.length !== 1 || table.shape.length !== 2 || width % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${label}: rows [${index.shape}] of type ${index.type} from a table [${table.shape}]: row numbers must be one dimension of u32, the table two whose last is a multiple of 4.`,
    );
  expectPlain(label, table);
  const result = into ?? r.tensor(label, [rows, width], 'f32');
  expectShape(label, result, [rows, width]);
  r.dispatch({
    label,
    shader: compose({ name: 'gather', source, types: { Result: activationType(result) }, parts: [weightPart(table)] }),
    bindings: { 1: index, 2: table, 3: result },
    params: words(rows, width / 4),
    groups: Math.ceil((rows * width) / 4 / THREADS),
    cost: gatherCost(index, table, result),
  });
  return result;
}

/** Each row is read once, however large the table. */
export function gatherCost(index: Tensor, table: Tensor, result: Tensor): Cost {
  const elements = result.shape[0]! * result.shape[1]!;
  return {
    flops: flops(0),
    bytes: bytes(tensorBytes(index) + elements * ELEMENT_BYTES[table.type] + tensorBytes(result)),
  };
}
