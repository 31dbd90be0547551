/** What a caller may choose about how the networks are computed. None of it changes what they compute. */
import type { GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import type { RunTime } from '../gpu/run';

/**
 * Where the weights of a network's blocks are:
 * `resident`: each block's own memory, filled once;
 * `refill`: two sets of memory, filled anew before each block;
 * `one-block`: two sets filled once and used for every block — for timing at full size, not for results.
 */
export type Residency = 'resident' | 'refill' | 'one-block';

export interface ComputeOptions {
  readonly activation: 'f32' | 'f16';
  /** The exact savings of docs/savings.md; off recomputes what the published code recomputes. */
  readonly savings: boolean;
  readonly residency: Residency;
  readonly signal?: AbortSignal | undefined;
  /** Called with values inside the networks, by the names the golden files use. Slow: each is read back. */
  readonly tap?: ((name: string, values: Float32Array) => void) | undefined;
  /** Called with the times of each run of the GPU. */
  readonly onRun?: ((time: RunTime) => void) | undefined;
  /** Called when a block, or a chunk of frames, is done. */
  readonly onBlock?: ((done: number, total: number) => void) | undefined;
}

export function recorderOptions({ device }: GpuContext, activation: 'f32' | 'f16'): RecorderOptions {
  return {
    activation,
    software: device.machine.software,
    subgroups: device.device.features.has('subgroups') && (device.adapter.info.subgroupMinSize ?? 0) >= 4,
    bindingBytes: device.device.limits.maxStorageBufferBindingSize,
    workgroupBytes: device.device.limits.maxComputeWorkgroupStorageSize,
  };
}
