/**
 * Bytes into GPU memory, many pieces at once, by the way that is fastest here:
 *
 *   write    `queue.writeBuffer`: one call, and the browser or Dawn keeps a copy until the GPU has it
 *   mapped   a ring of mapped buffers, filled in place and copied on by the queue. A file is read straight into
 *            them, by several threads at once.
 *
 * On an H100 in Node the second is five to ten times as fast, on a software adapter a third (docs/performance.md),
 * so `probe.ts` measures both on a GPU. In both, a piece is in the queue when `put` resolves.
 */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import type { Memory } from './memory';
import type { Tensor } from './tensor';
import { writeBytes } from './transfer';
import { awaitGpu } from './waiting';

/** The largest piece, and how many are mapped: as much as the queue may have waiting behind what it computes. */
export const PIECE_BYTES = 4 * 2 ** 20;
const RING = 64;

export type UploadWay = 'write' | 'mapped';

/** Where a piece comes from: the bytes, or something that writes them where it is told. */
export interface PieceBytes {
  read(): Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>;
  readInto?(into: Uint8Array): Promise<void>;
}

interface Staging {
  readonly buffer: GPUBuffer;
  /** Resolves when the buffer is mapped: at once when new, later when the GPU has copied what was in it. */
  mapped: Promise<undefined>;
}

export class Uploader {
  private chosen: UploadWay;
  private readonly free: Staging[] = [];
  private made = 0;
  private readonly waiting: ((staging: Staging) => void)[] = [];

  constructor(
    private readonly memory: Memory,
    software: boolean,
  ) {
    this.chosen = software ? 'write' : 'mapped';
  }

  get way(): UploadWay {
    return this.chosen;
  }

  /** Between uploads. Mapped memory that is of no more use is given back. */
  use(way: UploadWay): void {
    this.chosen = way;
    if (way === 'mapped') return;
    for (const { buffer } of this.free) buffer.destroy();
    this.made -= this.free.length;
    this.free.length = 0;
  }

  /** Pieces worth having on their way at once. Written ones are held in JavaScript's memory, so they are fewer. */
  get inFlight(): number {
    return this.way === 'mapped' ? RING : 6;
  }

  /**
   * Write `bytes` bytes, at most PIECE_BYTES, at byte `at` of the tensor's memory. `busy` is told when reading or
   * copying begins and ends; waiting for the GPU to free staging memory is neither.
   */
  async put(
    tensor: Tensor,
    at: number,
    bytes: number,
    from: PieceBytes,
    busy: (more: 1 | -1) => void = () => {},
  ): Promise<void> {
    if (this.way === 'write') {
      busy(1);
      try {
        writeBytes(this.memory, tensor, await from.read(), at);
      } finally {
        busy(-1);
      }
      return;
    }
    const staging = await this.take();
    const { device } = this.memory;
    const whole = Math.ceil(bytes / 4) * 4;
    try {
      await awaitGpu(device, staging.mapped);
    } catch (cause) {
      this.drop(staging);
      if (cause instanceof AppError) throw cause;
      throw new AppError(
        'out-of-memory',
        `The GPU gave no more than ${this.made} × ${mebibytes(PIECE_BYTES)} of memory to upload through. Close other programs that use it, or choose a smaller size.`,
        { cause },
      );
    }
    let written = false;
    try {
      busy(1);
      try {
        const into = new Uint8Array(staging.buffer.getMappedRange(0, whole));
        if (from.readInto) await from.readInto(into.subarray(0, bytes));
        else into.set(await from.read());
        into.fill(0, bytes);
      } finally {
        busy(-1);
      }
      staging.buffer.unmap();
      written = true;
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(staging.buffer, 0, this.memory.bufferOf(tensor), tensor.offsetBytes + at, whole);
      device.queue.submit([encoder.finish()]);
    } catch (failure) {
      if (!written) staging.buffer.unmap(); // a mapped range can be asked for only once
      throw failure;
    } finally {
      staging.mapped = staging.buffer.mapAsync(GPUMapMode.WRITE);
      staging.mapped.catch(() => {}); // told to whoever takes it next
      this.giveBack(staging);
    }
  }

  private async take(): Promise<Staging> {
    const known = this.free.shift();
    if (known) return known;
    if (this.made === RING) return new Promise((resolve) => this.waiting.push(resolve));
    return this.make();
  }

  private make(): Staging {
    this.made += 1;
    const { device } = this.memory;
    const scopes = ['validation', 'out-of-memory'] as const; // a refusal is told by `put`, and is not the next run's
    for (const scope of scopes) device.pushErrorScope(scope);
    const buffer = device.createBuffer({
      label: 'staging',
      size: PIECE_BYTES,
      usage: GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC,
    });
    const mapped = buffer.mapAsync(GPUMapMode.WRITE);
    for (const _ of scopes) void device.popErrorScope();
    return { buffer, mapped };
  }

  /** Whoever waits for it gets a new one, and with it the same answer if there is none to be had. */
  private drop({ buffer }: Staging): void {
    buffer.destroy();
    this.made -= 1;
    this.waiting.shift()?.(this.make());
  }

  private giveBack(staging: Staging): void {
    const next = this.waiting.shift();
    if (next) next(staging);
    else this.free.push(staging);
  }
}
