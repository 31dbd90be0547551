/**
 * What WebGPU does not tell and has to be tried: how much memory the GPU gives,
 * and in which pieces it takes uploads fastest.
 */
import { AppError } from '../core/errors';
import type { GpuContext } from './context';
import { externalTensor, type Tensor } from './tensor';
import { writeBytes } from './transfer';

const MIB = 2 ** 20;
const PROBE_BYTES = 512 * MIB;
/** More than this is no question of fitting: the transformer takes 20 GB in f32. */
const MOST_BYTES = { gpu: 24 * 2 ** 30, software: 4 * 2 ** 30 } as const;

/**
 * GPU memory that can be had beside what is in use, found by taking it in steps of 512 MiB and giving it back. A bound
 * from above: some systems grant more than they have and swap, which shows as slowness alone.
 */
export async function probeMemory({ memory, device: { machine } }: GpuContext, signal?: AbortSignal): Promise<number> {
  const step = Math.min(
    PROBE_BYTES,
    memory.device.limits.maxBufferSize,
    memory.device.limits.maxStorageBufferBindingSize,
  );
  const most = machine.software ? MOST_BYTES.software : MOST_BYTES.gpu;
  const taken: Tensor[] = [];
  try {
    while ((taken.length + 1) * step <= most && !signal?.aborted) {
      const tensor = externalTensor('probe', [step / 4], 'f32');
      await memory.allocate([tensor]);
      taken.push(tensor);
    }
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code !== 'out-of-memory') throw failure;
  } finally {
    memory.free(taken);
  }
  return taken.length * step;
}

/** Sizes worth trying: up to 4 MiB Dawn reuses its staging memory; a few larger ones on their way fill 100 MB. */
const WRITE_BYTES = [1, 4, 16].map((count) => count * MIB);

export interface UploadRate {
  readonly writeBytes: number;
  readonly bytesPerSecond: number;
}

/** The fastest size of a single write, which `memory` uses from now on. */
export async function calibrateUpload({ memory, device }: GpuContext): Promise<UploadRate> {
  const bytes = device.machine.software ? 32 * MIB : 128 * MIB;
  const target = externalTensor('upload', [bytes / 4], 'f32');
  // Not zeros, which some paths may treat apart.
  const data = new Uint8Array(new Uint32Array(bytes / 4).map((_, i) => Math.imul(i, 0x9e3779b1)).buffer);
  await memory.allocate([target]);
  try {
    let best: UploadRate = { writeBytes: memory.writeBytes, bytesPerSecond: 0 };
    for (const size of WRITE_BYTES) {
      memory.writeBytes = size;
      for (let repeat = 0; repeat < 3; repeat++) {
        const began = performance.now();
        writeBytes(memory, target, data);
        await device.device.queue.onSubmittedWorkDone();
        const bytesPerSecond = bytes / ((performance.now() - began) / 1000);
        // The smaller size serves unless a larger one is clearly faster: it holds less memory at once.
        if (bytesPerSecond > best.bytesPerSecond * (best.writeBytes === size ? 1 : 1.05))
          best = { writeBytes: size, bytesPerSecond };
      }
    }
    memory.writeBytes = best.writeBytes;
    return best;
  } finally {
    memory.free([target]);
  }
}
