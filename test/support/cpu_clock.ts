import { availableParallelism } from 'node:os';
import type { Machine } from '../../src/core/result';

/**
 * Runs `work` by a clock of this process's own CPU time over the machine's cores. A software adapter's work is done by
 * this process's threads, and other programs use the same cores; a GPU's work goes by the real clock.
 */
export async function inCpuTime<T>({ software }: Machine, work: () => Promise<T>): Promise<T> {
  if (!software) return work();
  const real = performance.now;
  const cores = availableParallelism();
  performance.now = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000 / cores;
  };
  try {
    return await work();
  } finally {
    performance.now = real;
  }
}
