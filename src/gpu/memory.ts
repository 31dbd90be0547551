/**
 * GPU buffers: who owns how many bytes, now and at the peak.
 *
 * External tensors get a buffer of their own. Scratch belongs to a group of
 * programs that run one after another: they share one set of buffers, which is
 * made once at its final size, so that no bind group ever goes stale.
 */
import { AppError } from '../core/errors';
import { type ScratchPlan, sharedSlots } from './scratch';
import type { Storage, Tensor } from './tensor';
import { awaitGpu } from './waiting';

const MIB = 1024 * 1024;

/** Buffers of a group of programs, by the slots of their plans. */
export interface Scratch {
  readonly slots: readonly GPUBuffer[];
  destroy(): void;
}

export class Memory {
  private readonly buffers = new Map<Storage, GPUBuffer>();
  /** Those that live in another's buffer. */
  private readonly guests = new Set<Storage>();
  private readonly scratches = new Set<readonly GPUBuffer[]>();
  private bytesNow = 0;
  private bytesPeak = 0;
  private readonly watchers = new Set<(bytes: number) => void>();
  /** Buffers made so far: a replayed step must not raise it. */
  created = 0;
  /** Largest single write. Above 4 MiB Dawn makes fresh staging memory for each (DynamicUploader.cpp); see probe.ts. */
  writeBytes = 4 * MIB;

  constructor(readonly device: GPUDevice) {}

  get bytes(): number {
    return this.bytesNow;
  }

  get peakBytes(): number {
    return this.bytesPeak;
  }

  /** Count the peak anew, from what is in use now. */
  resetPeak(): void {
    this.bytesPeak = this.bytesNow;
  }

  /** Be told the bytes in use whenever they change; the result ends it. */
  watch(watcher: (bytes: number) => void): () => void {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  }

  /** Give an external tensor its memory. Throws AppError out-of-memory or limit-too-low with both numbers. */
  async allocate(tensors: readonly Tensor[]): Promise<void> {
    const wanted = [...new Set(tensors.map((tensor) => tensor.storage))].filter(
      (storage) => !this.buffers.has(storage),
    );
    await this.guarded(
      wanted.map((storage) => [storage.label, storage.bytes] as const),
      (index, buffer) => {
        this.buffers.set(wanted[index]!, buffer);
      },
    );
  }

  /** Let these tensors, too, live in the memory of `owner`, which is at least as large and outlives them. */
  share(owner: Tensor, tensors: readonly Tensor[]): void {
    const buffer = this.bufferOf(owner);
    for (const { storage } of tensors) {
      if (storage.bytes > buffer.size)
        throw new AppError(
          'shape-mismatch',
          `${storage.label} has ${storage.bytes} bytes and was to share the ${buffer.size} of ${owner.storage.label}.`,
        );
      this.buffers.set(storage, buffer);
      this.guests.add(storage);
    }
  }

  free(tensors: readonly Tensor[]): void {
    for (const { storage } of tensors) {
      const buffer = this.buffers.get(storage);
      if (!buffer) continue;
      this.buffers.delete(storage);
      if (!this.guests.delete(storage)) this.release(buffer);
    }
  }

  /** Scratch buffers large enough for each of these programs in turn. Owned, and destroyed, by the caller. */
  async scratch(plans: readonly ScratchPlan[]): Promise<Scratch> {
    const wanted = sharedSlots(plans);
    const slots: GPUBuffer[] = [];
    await this.guarded(
      wanted.map((bytes, slot) => [`scratch ${slot}`, bytes] as const),
      (slot, buffer) => (slots[slot] = buffer),
    );
    this.scratches.add(slots);
    return {
      slots,
      destroy: () => {
        if (this.scratches.delete(slots)) for (const buffer of slots) this.release(buffer);
      },
    };
  }

  /** The buffer of an external tensor. */
  bufferOf({ storage }: Tensor): GPUBuffer {
    const buffer = this.buffers.get(storage);
    if (!buffer) throw new AppError('weights-missing', `${storage.label} has no memory yet.`);
    return buffer;
  }

  destroy(): void {
    this.free([...this.guests].map((storage) => ({ storage }) as Tensor));
    for (const buffer of [...this.buffers.values(), ...[...this.scratches].flat()]) this.release(buffer);
    this.buffers.clear();
    this.scratches.clear();
  }

  /** What to throw where the GPU gives no more: out-of-memory with both numbers. */
  refusal(bytes: number): AppError {
    return new AppError(
      'out-of-memory',
      `The GPU refused ${(bytes / MIB).toFixed(0)} MiB more beside the ${(this.bytesNow / MIB).toFixed(0)} MiB in use. Close other GPU programs or choose a smaller preset.`,
    );
  }

  private async guarded(
    wanted: readonly (readonly [string, number])[],
    keep: (index: number, buffer: GPUBuffer) => void,
  ): Promise<void> {
    if (wanted.length === 0) return;
    const { maxBufferSize, maxStorageBufferBindingSize } = this.device.limits;
    const most = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    for (const [label, bytes] of wanted) {
      if (bytes > most)
        throw new AppError(
          'limit-too-low',
          `${label} needs ${(bytes / MIB).toFixed(0)} MiB in one buffer and this GPU binds at most ${(most / MIB).toFixed(0)} MiB. Choose a smaller preset.`,
        );
    }
    this.device.pushErrorScope('out-of-memory');
    const made = wanted.map(([label, bytes]) =>
      this.device.createBuffer({
        label,
        size: Math.max(4, Math.ceil(bytes / 4) * 4),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      }),
    );
    const failure = await awaitGpu(this.device, this.device.popErrorScope());
    if (failure) {
      for (const buffer of made) buffer.destroy();
      throw this.refusal(wanted.reduce((bytes, [, more]) => bytes + more, 0));
    }
    made.forEach((buffer, index) => {
      this.created += 1;
      keep(index, buffer);
    });
    this.change(made.reduce((bytes, { size }) => bytes + size, 0));
  }

  private change(bytes: number): void {
    this.bytesNow += bytes;
    this.bytesPeak = Math.max(this.bytesPeak, this.bytesNow);
    for (const watcher of this.watchers) watcher(this.bytesNow);
  }

  private release(buffer: GPUBuffer): void {
    this.change(-buffer.size);
    buffer.destroy();
  }
}
