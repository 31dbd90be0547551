/** Linear layers: x (rows, depth) · weightᵀ (depth, columns), with the epilogue of its place in the network. */
import activationGelu from '../../shaders/lib/activation_gelu.wgsl?raw';
import activationNone from '../../shaders/lib/activation_none.wgsl?raw';
import activationSilu from '../../shaders/lib/activation_silu.wgsl?raw';
import addendNone from '../../shaders/lib/addend_none.wgsl?raw';
import addendResult from '../../shaders/lib/addend_result.wgsl?raw';
import biasColumns from '../../shaders/lib/bias_columns.wgsl?raw';
import biasNone from '../../shaders/lib/bias_none.wgsl?raw';
import finishAdd from '../../shaders/lib/finish_add.wgsl?raw';
import finishGated from '../../shaders/lib/finish_gated.wgsl?raw';
import finishProduct from '../../shaders/lib/finish_product.wgsl?raw';
import finishStore from '../../shaders/lib/finish_store.wgsl?raw';
import productResult from '../../shaders/lib/product_result.wgsl?raw';
import scaleColumns from '../../shaders/lib/scale_columns.wgsl?raw';
import scaleNone from '../../shaders/lib/scale_none.wgsl?raw';
import timestep from '../../shaders/lib/timestep.wgsl?raw';
import source from '../../shaders/matmul.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, type Composition, compose, expectShape, words } from './kernel';
import { type Int8Tuning, int8Form, isInt8 } from './matmul_int8';
import { chooseTile, type TileTuning, tileFlops, tileForm, tileGroups } from './tile';
import type { Timesteps } from './timesteps';
import { weightPart } from './weight_parts';
import { weightTiles } from './weight_tiles';

export interface MatmulSize {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
}

export interface MatmulOptions {
  readonly label: string;
  /** (columns), f32. */
  readonly bias?: Tensor | undefined;
  readonly activation?: 'none' | 'gelu' | 'silu';
  /** Store into this (rows, columns) tensor instead of a new one. */
  readonly into?: Tensor;
  /** Add to this (rows, columns) f32 tensor in place, instead of storing. */
  readonly addTo?: Tensor;
  /** With `addTo`: scale by a row of the block's modulation and the timestep's vectors. */
  readonly gate?: { readonly row: number; readonly modulation: Tensor; readonly timesteps: Timesteps };
  /** Multiply the result by this tensor of its shape and type. */
  readonly times?: Tensor;
  /** Element type of the result; the recorder's activation type unless given. */
  readonly type?: 'f32' | 'f16';
  readonly tuning?: TileTuning | Int8Tuning;
}

const ACTIVATIONS = { none: activationNone, gelu: activationGelu, silu: activationSilu };

/**
 * Returns (rows, columns): a new scratch tensor, `into` or `addTo`. Columns and depth are multiples of 4. The weight
 * may be in any stored type, with a factor for each row (applied once to each sum, so exact), and in pieces. Where it
 * has an adapter, the result is x · (weight + up · down)ᵀ, by two thin products more (LoRA: Hu et al., 2021). Where the
 * recorder's products are 'int8' and the weight is stored as q8_0, both are rounded to 8 bits (matmul_int8.ts).
 */
export function matmul(r: Recorder, x: Tensor, weight: Tensor, options: MatmulOptions): Tensor {
  const { adapter } = weight;
  if (!adapter) return product(r, x, weight, options);
  const { label, activation = 'none', addTo, into, tuning } = options;
  const tuned = tuning && { tuning };
  const thin = product(r, x, adapter.down, { label: `${label} adapter down`, type: 'f32', ...tuned });
  const upLabel = `${label} adapter up`;
  if (addTo) {
    if (activation !== 'none')
      throw new Error(`${label}: an adapter, an activation and a residual are too much at once.`);
    product(r, x, weight, options);
    return product(r, thin, adapter.up, {
      label: upLabel,
      addTo,
      ...(options.gate && { gate: options.gate }),
      ...tuned,
    });
  }
  // The adapter's part comes first: it belongs under the activation.
  const result = into ?? r.tensor(label, [x.shape[0]!, weight.shape[0]!], options.type);
  product(r, thin, adapter.up, { label: upLabel, into: result, ...tuned });
  return product(r, x, weight, { ...options, into: result, addsToResult: true });
}

interface ProductOptions extends MatmulOptions {
  /** What `into` holds is part of the sum. */
  readonly addsToResult?: boolean;
}

function product(r: Recorder, x: Tensor, weight: Tensor, options: ProductOptions): Tensor {
  const [rows = 0, depth = 0] = x.shape;
  const [columns = 0, weightDepth] = weight.shape;
  if (weightDepth !== depth || depth % 4 !== 0 || columns % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${options.label}: [${x.shape}] times the weight [${weight.shape}]: depths must agree and, like the columns, be multiples of 4.`,
    );
  const { label, bias, activation = 'none', addTo, gate, times, addsToResult = false } = options;
  const { scale } = weight;
  const result = addTo ?? options.into ?? r.tensor(label, [rows, columns], options.type);
  expectShape(label, result, [rows, columns]);
  if (bias) expectShape(`${label}.bias`, bias, [columns]);
  if (scale) expectShape(`${label}.scale`, scale, [columns]);

  const size: MatmulSize = { rows, columns, depth };
  const wanted = options.tuning;
  const form = isInt8(r, weight) ? int8Form(r, x, weight, size, label, wanted) : exactForm(r, x, weight, size, wanted);
  const { tuning } = form;
  const shader = compose({
    ...form,
    types: { ...form.types, Result: activationType(result) },
    parts: [
      ...form.parts,
      productResult,
      scale ? scaleColumns : scaleNone,
      bias ? biasColumns : biasNone,
      addsToResult ? addendResult : addendNone,
      ACTIVATIONS[activation],
      ...(gate ? [finishGated, timestep] : [addTo ? finishAdd : times ? finishProduct : finishStore]),
    ],
  });
  for (const { part, start } of weightTiles(weight, r.options.bindingBytes)) {
    const tileColumns = part.shape[0]!;
    const groups = tileGroups(rows, tileColumns, tuning);
    r.dispatch({
      label,
      shader,
      bindings: {
        ...form.bindings,
        2: part,
        3: result,
        ...(bias && { 4: bias }),
        ...(gate ? { 5: gate.modulation, 6: gate.timesteps.vectors } : times && { 5: times }),
        ...(scale && { 7: scale }),
      },
      params: words(
        rows,
        tileColumns,
        depth / 4,
        start,
        columns,
        gate?.timesteps.tokens ?? 1,
        gate?.timesteps.split ?? 0,
        gate?.row ?? 0,
        gate?.timesteps.firstRow ?? 0,
      ),
      groups,
      computedFlops: tileFlops(groups, tuning, depth),
      cost: matmulCost(
        { ...size, columns: tileColumns },
        tensorBytes(part),
        form.leftBytes,
        ELEMENT_BYTES[result.type],
        addTo !== undefined || times !== undefined || addsToResult,
      ),
    });
  }
  return result;
}

/** How the sums are made: what stands in the composition before the epilogue. */
export interface ProductForm extends Composition {
  readonly parts: readonly string[];
  readonly types: NonNullable<Composition['types']>;
  readonly tuning: TileTuning | Int8Tuning;
  /** Of the left operand. */
  readonly bindings: Readonly<Record<number, Tensor>>;
  /** Bytes of an element of it. */
  readonly leftBytes: number;
}

function exactForm(
  r: Recorder,
  x: Tensor,
  weight: Tensor,
  size: MatmulSize,
  wanted: TileTuning | Int8Tuning | undefined,
): ProductForm {
  const left = activationType(x);
  const tuning = chooseTile(r, 'matmul', { ...size, left, weight: weight.type }, wanted as TileTuning | undefined);
  const { part, types, ...form } = tileForm(tuning, size.depth);
  return {
    ...form,
    name: 'matmul',
    source,
    types: { Left: left, ...types },
    parts: [part, weightPart(weight)],
    bindings: { 1: x },
    leftBytes: ELEMENT_BYTES[x.type],
  };
}

export function matmulCost(
  { rows, columns, depth }: MatmulSize,
  weightBytes: number,
  xBytes: number,
  resultBytes: number,
  readsResult: boolean,
): Cost {
  return {
    flops: flops(2 * rows * columns * depth),
    bytes: bytes(rows * depth * xBytes + weightBytes + rows * columns * resultBytes * (readsResult ? 2 : 1)),
  };
}
