/**
 * How a network says which weights it has.
 *
 * A network builds its typed tree of weights by asking for each tensor by its
 * checkpoint name and shape. Asked by a collector, the same function gives the
 * list to load; asked by a loader, it gives the tensors. So names and shapes
 * stand in one place.
 */
import { type ElementType, externalTensor, type Tensor } from './tensor';

/**
 * Small tensors are kept in f32 on the GPU whatever the file stores, matrices
 * and convolution kernels as they are stored; `keep` overrules that.
 */
export type Ask = (name: string, shape: readonly number[], keep?: 'f32' | 'stored') => Tensor;

export interface WeightSpec {
  /** Original Wan naming, as in the published checkpoint. */
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Linear {
  /** (columns, depth), as stored. */
  readonly weight: Tensor;
  /** (columns), f32. */
  readonly bias?: Tensor;
}

/** A linear layer `name` with `name.weight` and, unless told otherwise, `name.bias`. */
export function linear(ask: Ask, name: string, columns: number, depth: number, bias = true): Linear {
  const weight = ask(`${name}.weight`, [columns, depth]);
  return bias ? { weight, bias: ask(`${name}.bias`, [columns]) } : { weight };
}

/** More than one dimension has more than one entry. */
export function isMatrix(shape: readonly number[]): boolean {
  return shape.filter((size) => size > 1).length > 1;
}

/** Call a tree builder and give every tensor memory-to-be of the type its source stores. */
export function plantTree<Tree>(
  build: (ask: Ask) => Tree,
  typeOf: (spec: WeightSpec) => ElementType,
): { tree: Tree; tensors: ReadonlyMap<string, Tensor> } {
  const tensors = new Map<string, Tensor>();
  const tree = build((name, shape, keep = isMatrix(shape) ? 'stored' : 'f32') => {
    const tensor = externalTensor(name, shape, keep === 'stored' ? typeOf({ name, shape }) : 'f32');
    tensors.set(name, tensor);
    return tensor;
  });
  return { tree, tensors };
}
