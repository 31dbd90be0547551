/** How much memory this process takes at most while something runs: the operating system's count, and JavaScript's. */

export interface MemoryPeak {
  /** Resident set of the whole process, as the operating system counts it, since its start. */
  readonly processBytes: number;
  /** JavaScript's heap and its array buffers, sampled. */
  readonly heapBytes: number;
}

const SAMPLE_MS = 20;

export function watchMemory(): { stop(): MemoryPeak } {
  let heapBytes = 0;
  const sample = () => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    heapBytes = Math.max(heapBytes, heapUsed + arrayBuffers);
  };
  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return { processBytes: process.resourceUsage().maxRSS * 1024, heapBytes };
    },
  };
}
