/** How fast this machine computes and takes weights, as far as it is known before a run. */
import type { Ceiling } from '../core/cost';
import type { GpuContext } from './context';
import { ASSUMED_SHARE } from './device';

export interface Rates {
  /** What our kernels reach, not what the machine could do. */
  readonly ceiling: Ceiling;
  readonly uploadBytesPerSecond: number;
}

/** What a page gets of a PCIe 3 slot; a step's own time is measured soon. */
export const ASSUMED_UPLOAD_BYTES_PER_SECOND = 1.5e9;

/**
 * A measured ceiling has our kernels' share in it, an assumed one has not: without it, SwiftShader's 40 s for the demo
 * model's video were told as 10 to 15.
 */
export function ratesOf(
  { runner, device }: { runner: Pick<GpuContext['runner'], 'ceiling'>; device: Pick<GpuContext['device'], 'assumed'> },
  uploadBytesPerSecond = ASSUMED_UPLOAD_BYTES_PER_SECOND,
): Rates {
  const { flopsPerSecond, bytesPerSecond } = runner.ceiling;
  const share = runner.ceiling === device.assumed ? ASSUMED_SHARE : 1;
  return { ceiling: { flopsPerSecond: flopsPerSecond * share, bytesPerSecond }, uploadBytesPerSecond };
}
