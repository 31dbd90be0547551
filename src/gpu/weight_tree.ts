/**
 * How a network says which weights it has.
 *
 * A network builds its typed tree of weights by asking for each tensor by its
 * checkpoint name and shape. Asked by a collector, the same function gives the
 * list to load; asked by a loader, it gives the tensors. So names and shapes
 * stand in one place.
 */
import { ELEMENT_BYTES, type ElementType, elements, externalTensor, type Tensor } from './tensor';

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

/** How a source of weights stores them. */
export interface Storing {
  readonly typeOf: (spec: WeightSpec) => ElementType;
  /** Are the stored numbers to be multiplied by factors that stand beside them? */
  readonly isScaled?: (spec: WeightSpec) => boolean;
  /** The rank of a matrix to be added to this one, or 0. */
  readonly adapterRank?: (spec: WeightSpec) => number;
}

export interface Linear {
  /** (columns, depth), as stored. */
  readonly weight: Tensor;
  /** (columns), f32. */
  readonly bias?: Tensor;
}

/** Rows [start, start + rows) of a matrix, with memory of their own: what is loaded, kept or streamed as one. */
export interface WeightTile extends WeightSpec {
  readonly start: number;
  readonly rows: number;
  readonly tensor: Tensor;
}

/** The name under which a source gives a weight's factors, one for each row, f32. */
export const scaleName = (weight: string) => `${weight}${SCALE}`;
/** The weight whose factors have this name, if it is such a name. */
export const scaledWeight = (name: string) => (name.endsWith(SCALE) ? name.slice(0, -SCALE.length) : undefined);
const SCALE = ' scale';

/** The names under which a source gives the two factors of what is added to a weight. */
export const upName = (weight: string) => `${weight}${UP}`;
export const downName = (weight: string) => `${weight}${DOWN}`;
const UP = ' adapter up';
const DOWN = ' adapter down';

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
  storing: Storing,
): { tree: Tree; tensors: ReadonlyMap<string, Tensor> } {
  return plantTiles(build, storing, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
}

/** Smaller matrices are not worth a place in a plan: they stay, like biases. */
const LEAST_TILE_BYTES = 64 * 1024;
/** Rows of a tile are a multiple of this, so that no tile of the product is cut. */
const ROW_STEP = 64;

/**
 * The same, with the matrices apart from what is small, as tiles of at most `tileBytes`; a matrix of more than one is
 * a tensor with `tiles` and no memory of its own.
 */
export function plantTiles<Tree>(
  build: (ask: Ask) => Tree,
  { typeOf, isScaled, adapterRank }: Storing,
  tileBytes: number,
  leastBytes = Math.min(LEAST_TILE_BYTES, tileBytes / 2),
): { tree: Tree; tensors: ReadonlyMap<string, Tensor>; tiles: readonly WeightTile[] } {
  const tensors = new Map<string, Tensor>();
  const tiles: WeightTile[] = [];
  const ask: Ask = (name, shape, keep = isMatrix(shape) ? 'stored' : 'f32') => {
    const spec = { name, shape };
    const whole = externalTensor(name, shape, keep === 'stored' ? typeOf(spec) : 'f32');
    if (keep === 'f32') {
      tensors.set(name, whole);
      return whole;
    }
    const scale = isScaled?.(spec) ? externalTensor(scaleName(name), [shape[0]!], 'f32') : undefined;
    if (scale) tensors.set(scaleName(name), scale);
    const rank = adapterRank?.(spec) ?? 0;
    const adapter = rank > 0 && {
      up: ask(upName(name), [shape[0]!, rank], 'stored'),
      down: ask(downName(name), [rank, elements(shape.slice(1))], 'stored'),
    };
    const complete = (tensor: Tensor): Tensor => ({ ...tensor, ...(scale && { scale }), ...(adapter && { adapter }) });
    if (whole.storage.bytes < leastBytes) {
      tensors.set(name, whole);
      return complete(whole);
    }
    const cut = cutRows(spec, whole.type, tileBytes);
    tiles.push(...cut);
    if (cut.length === 1) return complete(cut[0]!.tensor);
    return complete({ ...whole, tiles: cut.map(({ tensor, start }) => ({ part: tensor, start })) });
  };
  return { tree: build(ask), tensors, tiles };
}

/** A matrix in tiles of nearly equal size. */
function cutRows({ name, shape }: WeightSpec, type: ElementType, tileBytes: number): WeightTile[] {
  const [rows = 0, ...rest] = shape;
  const rowBytes = elements(rest) * ELEMENT_BYTES[type];
  const count = Math.max(1, Math.ceil((rows * rowBytes) / tileBytes));
  const step = Math.max(ROW_STEP, Math.ceil(rows / count / ROW_STEP) * ROW_STEP);
  const tiles: WeightTile[] = [];
  for (let start = 0; start < rows; start += step) {
    const here = Math.min(step, rows - start);
    const label = step >= rows ? name : `${name} rows ${start}–${start + here}`;
    tiles.push({ name, shape, start, rows: here, tensor: externalTensor(label, [here, ...rest], type) });
  }
  return tiles;
}
