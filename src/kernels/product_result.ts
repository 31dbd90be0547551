/** How sums become a result, and where: the epilogue that matmul, matmul_int8 and sum_parts share. */
import activationGelu from '../../shaders/lib/activation_gelu.wgsl?raw';
import activationNone from '../../shaders/lib/activation_none.wgsl?raw';
import activationSilu from '../../shaders/lib/activation_silu.wgsl?raw';
import addendNone from '../../shaders/lib/addend_none.wgsl?raw';
import addendResult from '../../shaders/lib/addend_result.wgsl?raw';
import biasColumns from '../../shaders/lib/bias_columns.wgsl?raw';
import biasNone from '../../shaders/lib/bias_none.wgsl?raw';
import finishAdd from '../../shaders/lib/finish_add.wgsl?raw';
import finishGated from '../../shaders/lib/finish_gated.wgsl?raw';
import finishPart from '../../shaders/lib/finish_part.wgsl?raw';
import finishProduct from '../../shaders/lib/finish_product.wgsl?raw';
import finishStore from '../../shaders/lib/finish_store.wgsl?raw';
import productResult from '../../shaders/lib/product_result.wgsl?raw';
import scaleColumns from '../../shaders/lib/scale_columns.wgsl?raw';
import scaleNone from '../../shaders/lib/scale_none.wgsl?raw';
import timestep from '../../shaders/lib/timestep.wgsl?raw';
import { bytes } from '../core/units';
import type { Dispatch, Recorder } from '../gpu/program';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { activationType, type Composition, compose, words } from './kernel';
import type { MatmulOptions, MatmulSize } from './matmul';

/** What stands in the composition before the epilogue. */
export interface SumsForm extends Composition {
  readonly parts: readonly string[];
  readonly types: NonNullable<Composition['types']>;
}

/** The sums of a product, and what they take without their result: its tensor, bytes and parameters. */
export interface Sums extends Pick<Dispatch, 'bindings' | 'groups' | 'cost' | 'computedFlops'> {
  readonly form: SumsForm;
  /** Of the result's columns, those from `start` on that the sums are of. */
  readonly size: MatmulSize;
  readonly start: number;
  /** Of a part of the depth. */
  readonly partDepth: number;
}

/** What becomes of the sums. */
export interface Ending {
  readonly result: Tensor;
  readonly parts: readonly string[];
  readonly bindings: Dispatch['bindings'];
  readonly gate?: MatmulOptions['gate'];
  /** How often an element is read or stored. */
  readonly touches: number;
}

const ACTIVATIONS = { none: activationNone, gelu: activationGelu, silu: activationSilu };

interface EndingOptions extends Omit<MatmulOptions, 'label' | 'into' | 'tuning'> {
  /** (columns), f32: a factor for each. */
  readonly scale: Tensor | undefined;
  /** What the result holds is part of the sum. */
  readonly addsToResult: boolean;
}

/** The network's: factors, bias, what the result holds, activation, and how it is stored. */
export function epilogue(result: Tensor, options: EndingOptions): Ending {
  const { scale, bias, addsToResult, activation = 'none', addTo, gate, times } = options;
  return {
    result,
    parts: [
      scale ? scaleColumns : scaleNone,
      bias ? biasColumns : biasNone,
      addsToResult ? addendResult : addendNone,
      ACTIVATIONS[activation],
      ...(gate ? [finishGated, timestep] : [addTo ? finishAdd : times ? finishProduct : finishStore]),
    ],
    bindings: {
      ...(bias && { 4: bias }),
      ...(gate ? { 5: gate.modulation, 6: gate.timesteps.vectors } : times && { 5: times }),
      ...(scale && { 7: scale }),
    },
    gate,
    touches: addTo !== undefined || times !== undefined || addsToResult ? 2 : 1,
  };
}

/** As they are, those of each part of the depth in their own place: into (parts · rows, columns), f32. */
export function keepParts(result: Tensor): Ending {
  return { result, parts: [scaleNone, biasNone, addendNone, activationNone, finishPart], bindings: {}, touches: 1 };
}

/** Makes the sums and does with them what the ending says. */
export function finish(r: Recorder, label: string, sums: Sums, ending: Ending): void {
  const { form, size, start, partDepth, cost, ...made } = sums;
  const { result, parts, bindings, gate, touches } = ending;
  const { rows, columns, depth } = size;
  const type = activationType(result);
  r.dispatch({
    label,
    ...made,
    shader: compose({
      ...form,
      types: { ...form.types, Result: type },
      parts: [...form.parts, productResult, ...parts],
    }),
    bindings: { ...made.bindings, 3: result, ...bindings },
    params: words(
      rows,
      columns,
      depth / 4,
      start,
      result.shape[1]!,
      gate?.timesteps.tokens ?? 1,
      gate?.timesteps.split ?? 0,
      gate?.row ?? 0,
      gate?.timesteps.firstRow ?? 0,
      partDepth / 4,
    ),
    cost: { ...cost, bytes: bytes(cost.bytes + result.shape[0]! * columns * ELEMENT_BYTES[type] * touches) },
  });
}
