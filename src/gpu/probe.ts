/**
 * What WebGPU does not tell and has to be tried: how much memory the GPU gives,
 * and by which way it takes uploads fastest.
 */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { GpuContext } from './context';
import { externalTensor, type Tensor } from './tensor';
import { PIECE_BYTES, type UploadWay } from './upload';
import { awaitGpu } from './waiting';

const MIB = 2 ** 20;
const PROBE_BYTES = 512 * MIB;
/** Where not even one such step is to be had. Elsewhere little depends on the rest, and the desktop may need it. */
const LEAST_BYTES = MIB / 16;
/** More than this is no question of fitting: the transformer takes 20 GB in f32. */
const MOST_BYTES = { gpu: 24 * 2 ** 30, software: 4 * 2 ** 30 } as const;

/**
 * GPU memory that can be had beside what is in use, found by taking it in steps of 512 MiB and giving it back; less than
 * one step is told to 64 KiB. A bound from above: some systems grant more than they have and swap, which shows as
 * slowness alone. Throws cancelled, device-lost.
 */
export async function probeMemory({ memory, device: { machine } }: GpuContext, signal?: AbortSignal): Promise<number> {
  const { maxBufferSize, maxStorageBufferBindingSize } = memory.device.limits;
  const most = machine.software ? MOST_BYTES.software : MOST_BYTES.gpu;
  const taken: Tensor[] = [];
  let bytes = 0;
  try {
    let step = Math.min(PROBE_BYTES, maxBufferSize, maxStorageBufferBindingSize);
    while (bytes + step <= most && step >= LEAST_BYTES) {
      if (signal?.aborted) throw new AppError('cancelled', 'Stopped while probing memory.');
      const tensor = externalTensor('probe', [step / 4], 'f32');
      if (await isGiven(memory, tensor)) {
        taken.push(tensor);
        bytes += step;
      } else if (bytes >= PROBE_BYTES) break;
      else step = Math.floor(step / 8) * 4; // whole numbers of f32
    }
  } finally {
    memory.free(taken);
  }
  return bytes;
}

async function isGiven(memory: GpuContext['memory'], tensor: Tensor): Promise<boolean> {
  try {
    await memory.allocate([tensor]);
    return true;
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code !== 'out-of-memory') throw failure;
    return false;
  }
}

/** Sizes of a single write worth trying: up to 4 MiB Dawn reuses its staging memory. */
const WRITE_BYTES = [1, 4].map((count) => count * MIB);
/** Another way must be this much faster to be taken: mapped memory is held as long as the device. */
const CLEARLY = 1.2;

export interface UploadRate {
  readonly way: UploadWay;
  readonly bytesPerSecond: number;
}

/**
 * Tries the ways of uploading, of a software adapter writes of two sizes, for a second or two in all, and leaves the
 * context with the fastest.
 */
export async function calibrateUpload({ memory, uploader, device }: GpuContext): Promise<UploadRate> {
  const bytes = device.machine.software ? 32 * MIB : 128 * MIB;
  const target = externalTensor('upload', [bytes / 4], 'f32');
  // Not zeros, which some paths may treat apart.
  const data = new Uint8Array(new Uint32Array(bytes / 4).map((_, i) => Math.imul(i, 0x9e3779b1)).buffer);
  await memory.allocate([target]);

  async function measure(): Promise<number> {
    let best = 0;
    for (let repeat = 0; repeat < 3; repeat++) {
      const began = nowMs();
      const starts = Array.from({ length: bytes / PIECE_BYTES }, (_, i) => i * PIECE_BYTES);
      await Promise.all(
        starts.map((at) => uploader.put(target, at, PIECE_BYTES, { read: () => data.subarray(at, at + PIECE_BYTES) })),
      );
      await awaitGpu(device.device, device.device.queue.onSubmittedWorkDone());
      best = Math.max(best, bytes / ((nowMs() - began) / 1000));
    }
    return best;
  }

  try {
    uploader.use('write');
    let best = { writeBytes: memory.writeBytes, bytesPerSecond: 0 };
    for (const writeBytes of WRITE_BYTES) {
      memory.writeBytes = writeBytes;
      const bytesPerSecond = await measure();
      if (bytesPerSecond > best.bytesPerSecond) best = { writeBytes, bytesPerSecond };
    }
    memory.writeBytes = best.writeBytes;
    // A CPU's mapped memory is a third as fast. By a chance of the clock it was taken at times, and held 256 MiB.
    if (device.machine.software) return { way: uploader.way, bytesPerSecond: best.bytesPerSecond };
    uploader.use('mapped');
    const mapped = await measure();
    if (mapped < best.bytesPerSecond * CLEARLY) uploader.use('write');
    return { way: uploader.way, bytesPerSecond: uploader.way === 'mapped' ? mapped : best.bytesPerSecond };
  } finally {
    memory.free([target]);
  }
}
