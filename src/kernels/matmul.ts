/** Linear layers: x (rows, depth) · weightᵀ (depth, columns), with the epilogue of its place in the network. */
import activationGelu from '../../shaders/lib/activation_gelu.wgsl?raw';
import activationNone from '../../shaders/lib/activation_none.wgsl?raw';
import activationSilu from '../../shaders/lib/activation_silu.wgsl?raw';
import biasColumns from '../../shaders/lib/bias_columns.wgsl?raw';
import biasNone from '../../shaders/lib/bias_none.wgsl?raw';
import finishAdd from '../../shaders/lib/finish_add.wgsl?raw';
import finishGated from '../../shaders/lib/finish_gated.wgsl?raw';
import finishProduct from '../../shaders/lib/finish_product.wgsl?raw';
import finishStore from '../../shaders/lib/finish_store.wgsl?raw';
import timestep from '../../shaders/lib/timestep.wgsl?raw';
import source from '../../shaders/matmul.wgsl?raw';
import type { Cost } from '../core/cost';
import { AppError } from '../core/errors';
import { bytes, flops } from '../core/units';
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { activationType, compose, expectShape, words } from './kernel';
import { chooseTile, type TileTuning, tileGroups, tilePart } from './tile';
import type { Timesteps } from './timesteps';
import { weightPart } from './weight_parts';

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
  readonly tuning?: TileTuning;
}

const ACTIVATIONS = { none: activationNone, gelu: activationGelu, silu: activationSilu };
/** Largest matrix bound at once, so that default limits and 32-bit f32 weights still fit: 128 MiB. */
const BINDING_BYTES = 128 * 1024 * 1024;

/** Returns (rows, columns): a new scratch tensor, `into` or `addTo`. Columns and depth are multiples of 4. */
export function matmul(r: Recorder, x: Tensor, weight: Tensor, options: MatmulOptions): Tensor {
  const [rows = 0, depth = 0] = x.shape;
  const [columns = 0, weightDepth] = weight.shape;
  if (weightDepth !== depth || depth % 4 !== 0 || columns % 4 !== 0)
    throw new AppError(
      'shape-mismatch',
      `${options.label}: [${x.shape}] times the weight [${weight.shape}]: depths must agree and, like the columns, be multiples of 4.`,
    );
  const { label, bias, activation = 'none', addTo, gate, times } = options;
  const result = addTo ?? options.into ?? r.tensor(label, [rows, columns], options.type);
  expectShape(label, result, [rows, columns]);
  if (bias) expectShape(`${label}.bias`, bias, [columns]);

  const size: MatmulSize = { rows, columns, depth };
  const tuning = chooseTile(r, 'matmul', size, options.tuning);
  const shader = compose({
    name: 'matmul',
    source,
    types: {
      Left: activationType(x),
      Result: activationType(result),
      ...('BK' in tuning && { Staged: activationType(x) }),
    },
    parts: [
      tilePart(tuning),
      weightPart(weight),
      bias ? biasColumns : biasNone,
      ACTIVATIONS[activation],
      ...(gate ? [finishGated, timestep] : [addTo ? finishAdd : times ? finishProduct : finishStore]),
    ],
    tuning,
  });
  for (const { part, start } of weightTiles(weight)) {
    const tileColumns = part.shape[0]!;
    r.dispatch({
      label,
      shader,
      bindings: {
        1: x,
        2: part,
        3: result,
        ...(bias && { 4: bias }),
        ...(gate ? { 5: gate.modulation, 6: gate.timesteps.vectors } : times && { 5: times }),
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
      groups: tileGroups(rows, tileColumns, tuning),
      cost: matmulCost(
        { ...size, columns: tileColumns },
        tensorBytes(part),
        ELEMENT_BYTES[x.type],
        ELEMENT_BYTES[result.type],
        addTo !== undefined || times !== undefined,
      ),
    });
  }
  return result;
}

/** Row ranges of a matrix too large for one binding. */
function weightTiles(weight: Tensor): { part: Tensor; start: number }[] {
  const [columns = 0, depth = 0] = weight.shape;
  if (weight.tiles) return [...weight.tiles];
  if (tensorBytes(weight) <= BINDING_BYTES) return [{ part: weight, start: 0 }];
  const rowBytes = depth * ELEMENT_BYTES[weight.type];
  const perTile = Math.max(64, Math.floor(BINDING_BYTES / rowBytes / 64) * 64);
  const tiles: { part: Tensor; start: number }[] = [];
  for (let start = 0; start < columns; start += perTile)
    tiles.push({ part: rowsOf(weight, start, Math.min(perTile, columns - start)), start });
  return tiles;
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
