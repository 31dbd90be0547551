/** LoRAs made on the fly, in each dialect, with numbers that halves hold exactly. */
import { encodeBf16 } from '../../src/gpu/transfer';
import type { ByteSource } from '../../src/weights/byte_source';
import type { LoraDialect } from '../../src/weights/lora_names';
import { noise } from './gpu';
import { type FileTensor, safetensorsSource } from './safetensors_file';
import { WAN22_TENSORS } from './wan22_tensors';

/** Multiples of 2⁻⁶ up to 2⁻² in magnitude: five bits. */
export const exact = (count: number, seed: number): Float32Array<ArrayBuffer> =>
  noise(count, seed).map((value) => Math.round(value * 8) / 64);

export interface LayerValues {
  /** The weight's original name, its rows and its depth. */
  readonly name: string;
  readonly columns: number;
  readonly depth: number;
  readonly rank: number;
  readonly up: Float32Array;
  readonly down: Float32Array;
  /** Unless given, the file does not say. */
  readonly alpha?: number | undefined;
}

export interface DifferenceValues {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export function layerValues(
  name: string,
  [columns = 1, ...rest]: readonly number[],
  rank: number,
  seed: number,
  alpha?: number,
): LayerValues {
  const depth = rest.reduce((product, size) => product * size, 1);
  const [up, down] = [exact(columns * rank, seed), exact(rank * depth, seed + 1000)];
  return { name, columns, depth, rank, up, down, alpha };
}

/** The weight's layer as a dialect writes it, with what is put before it. */
export function layerIn(dialect: LoraDialect, name: string): string {
  const module = (tensor: string) => tensor.replace(/\.weight$/, '');
  if (dialect === 'kohya') return `lora_unet_${module(name).replaceAll('.', '_')}`;
  if (dialect === 'original') return `diffusion_model.${module(name)}`;
  return `transformer.${module(WAN22_TENSORS.find((tensor) => tensor.network === 'dit' && tensor.original === name)!.theirs)}`;
}

const HALVES = { original: ['lora_down', 'lora_up'], diffusers: ['lora_A', 'lora_B'], kohya: ['lora_down', 'lora_up'] };
/** Not all in one type, so that two together have to become one. */
const asStored = (dialect: LoraDialect, values: Float32Array): Pick<FileTensor, 'dtype' | 'data'> =>
  dialect === 'kohya'
    ? { dtype: 'F32', data: Float32Array.from(values) }
    : { dtype: 'BF16', data: Uint16Array.from(values, encodeBf16) };

/** Differences only where the dialect has a name for them. In diffusers' all layers have one alpha, in the header. */
export function loraFile(
  dialect: LoraDialect,
  layers: readonly LayerValues[],
  differences: readonly DifferenceValues[] = [],
  name = `${dialect}.safetensors`,
): ByteSource {
  const tensors: Record<string, FileTensor> = {};
  const [downName, upName] = HALVES[dialect];
  const stored = (values: Float32Array) => asStored(dialect, values);
  for (const { name, columns, depth, rank, up, down, alpha } of layers) {
    const layer = layerIn(dialect, name);
    tensors[`${layer}.${downName}.weight`] = { ...stored(down), shape: [rank, depth] };
    tensors[`${layer}.${upName}.weight`] = { ...stored(up), shape: [columns, rank] };
    if (alpha !== undefined && dialect !== 'diffusers')
      tensors[`${layer}.alpha`] = { ...stored(Float32Array.of(alpha)), shape: [] };
  }
  for (const { name, shape, values } of differences) tensors[differenceName(name)] = { ...stored(values), shape };
  const alpha = layers[0]?.alpha;
  const settings = JSON.stringify({ 'transformer.r': 4, 'transformer.lora_alpha': alpha });
  return safetensorsSource(
    name,
    tensors,
    dialect === 'diffusers' && alpha !== undefined ? { lora_adapter_metadata: settings } : {},
  );
}

function differenceName(name: string): string {
  const [, layer, tensor] = /^(.*)\.(\w+)$/.exec(name)!;
  const ending = { weight: 'diff', bias: 'diff_b', modulation: 'diff_m' }[tensor!];
  return `diffusion_model.${layer}.${ending}`;
}
