/** What a caller may choose about how the networks are computed. Only `products` changes what they compute. */
import { AppError } from '../core/errors';
import type { Products } from '../core/products';
import type { GpuContext } from '../gpu/context';
import type { Device } from '../gpu/device';
import type { RecorderOptions } from '../gpu/program';
import type { RunTime } from '../gpu/run';
import type { Size } from '../vae/tiling';

/**
 * Where the weights of a network's blocks are:
 * `resident`: each in memory of its own, filled once;
 * `stream`: as many as `memoryBytes` allows stay, the others pass through a few slots in every run;
 * `one-block`: two blocks' weights filled once and used for every block — for timing at full size, not for results.
 */
export type Residency = 'resident' | 'stream' | 'one-block';

export interface ComputeOptions {
  readonly activation: 'f32' | 'f16';
  /** 'int8' rounds what the transformer's linear layers multiply to 8 bits; 'exact' unless given. */
  readonly products?: Products | undefined;
  /** The exact savings of docs/savings.md; off recomputes what the published code recomputes. */
  readonly savings: boolean;
  readonly residency: Residency;
  /** All GPU memory that a stage may take. Unless given, `resident` takes what it needs and `stream` keeps nothing. */
  readonly memoryBytes?: number | undefined;
  /** Size of the pieces in which weights are kept or streamed; 32 MiB unless given. */
  readonly tileBytes?: number | undefined;
  /** Decode in tiles of this size, in multiples of 16 pixels of video, and not in as few as memory allows. */
  readonly tilePixels?: Size | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with values inside the networks, by the names the golden files use. Slow: each is read back. */
  readonly tap?: ((name: string, values: Float32Array) => void) | undefined;
  /** Called with the times of each run of the GPU. */
  readonly onRun?: ((time: RunTime) => void) | undefined;
  /** Called as weights that stay are loaded, before the first run. */
  readonly onLoad?: ((bytes: number, total: number) => void) | undefined;
  /** Called when a block, or a chunk of frames, is done. */
  readonly onBlock?: ((done: number, total: number) => void) | undefined;
}

/** Half precision, where the tier has it at full speed. */
export const activationFor = ({ device }: GpuContext): 'f32' | 'f16' => (device.tier === 'C' ? 'f32' : 'f16');

/** Tiles on matrix units are written for these sizes, and for subgroups of one known size. */
function fitsTiles({ matrixUnits, adapter: { info } }: Device): boolean {
  if (!matrixUnits) return false;
  const { rows, columns, depth, syntax } = matrixUnits;
  const subgroups = info.subgroupMinSize === 32 && info.subgroupMaxSize === 32;
  return rows === 16 && columns === 16 && depth === 16 && syntax === 'named' && subgroups;
}

/** Throws AppError limit-too-low where products of 8-bit numbers are asked for and WGSL here has none. */
export function recorderOptions(
  { device, tuning }: GpuContext,
  activation: 'f32' | 'f16',
  products: Products = 'exact',
): RecorderOptions {
  if (products === 'int8' && !device.packedDot)
    throw new AppError(
      'limit-too-low',
      `Products of 8-bit numbers need WGSL's packed_4x8_integer_dot_product, which ${device.machine.runtime} does not have. Use a newer browser, or exact products.`,
    );
  const { subgroupMinSize = 0, subgroupMaxSize } = device.adapter.info;
  const subgroups = device.device.features.has('subgroups') && subgroupMinSize >= 4;
  const options: RecorderOptions = {
    activation,
    products,
    software: device.machine.software,
    lanes: subgroups && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : undefined,
    matrices: fitsTiles(device),
    bindingBytes: device.device.limits.maxStorageBufferBindingSize,
    workgroupBytes: device.device.limits.maxComputeWorkgroupStorageSize,
  };
  const choices = tuning.choices(options);
  return choices ? { ...options, tuning: choices } : options;
}
