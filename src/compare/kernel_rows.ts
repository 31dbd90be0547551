/** Kernels of a run against the measured roofs. Pure. */
import { storedActivations } from '../core/products';
import type { KernelShare, Roofs } from '../core/result';

export interface KernelRow extends KernelShare {
  /** Of the time of all kernels. */
  readonly share: number;
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
  /** The shortest possible time here over the time it took. */
  readonly ofRoof: number;
  readonly waitsFor: 'arithmetic' | 'memory';
}

/** Of a result, or of a run that has its roofs. */
export interface TimedKernels {
  readonly kernels: readonly KernelShare[];
  readonly roofs: Roofs;
  readonly key: { readonly activations: string | null };
}

/** Longest first. */
export function kernelRows({ kernels, roofs, key }: TimedKernels): KernelRow[] {
  const total = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  const flopRoof =
    (storedActivations(key.activations) === 'f16' && roofs.f16FlopsPerSecond) || roofs.fp32FlopsPerSecond;
  return kernels
    .map((kernel) => {
      const arithmetic = kernel.flops / flopRoof;
      const memory = kernel.bytes / roofs.bytesPerSecond;
      return {
        ...kernel,
        share: kernel.seconds / total,
        flopsPerSecond: kernel.flops / kernel.seconds,
        bytesPerSecond: kernel.bytes / kernel.seconds,
        ofRoof: Math.max(arithmetic, memory) / kernel.seconds,
        waitsFor: arithmetic > memory ? ('arithmetic' as const) : ('memory' as const),
      };
    })
    .sort((a, b) => b.seconds - a.seconds);
}
