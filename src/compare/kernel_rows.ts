/** Kernels of a run against the measured roofs. Pure. */
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
}

/** Those that have a form for matrix units. */
const MATRIX_KERNELS = ['attention_matrix', 'matmul', 'conv'];

/** Attention tells, which has a name of its own there; the others go along with it. */
export const usesMatrixUnits = (kernels: readonly KernelShare[]): boolean =>
  kernels.some(({ kernel }) => kernel === 'attention_matrix');

/** Where matrix units are not used every kernel computes in f32, whatever it stores: the f16 loop's roof is over none. */
export const arithmeticRoof = (kernels: readonly KernelShare[], roofs: Roofs): number =>
  (usesMatrixUnits(kernels) && roofs.matrixFlopsPerSecond) || roofs.fp32FlopsPerSecond;

/** Longest first; without those that a coarse clock gave no time. */
export function kernelRows({ kernels: all, roofs }: TimedKernels): KernelRow[] {
  const kernels = all.filter(({ seconds }) => seconds > 0);
  const total = kernels.reduce((sum, { seconds }) => sum + seconds, 0);
  const matrixRoof = arithmeticRoof(kernels, roofs);
  return kernels
    .map((kernel) => {
      const arithmetic =
        kernel.flops / (MATRIX_KERNELS.includes(kernel.kernel) ? matrixRoof : roofs.fp32FlopsPerSecond);
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
