/**
 * GPU timestamps around compute passes, collected submit by submit.
 *
 * Browsers round them to about 0.1 ms, and a pass is the finest thing they can
 * time. Buffers are made in pairs as submits first need them and then reused.
 */
import type { Cost } from '../core/cost';
import { sum } from '../core/cost';
import type { BoundDispatch } from './bind';

/** Two queries a pass. WebGPU allows 4,096 queries in a set; a few sets' worth of submits are in flight. */
const PASSES_PER_SUBMIT = 512;
const RING = 4;

export interface PassTime {
  /** The program the pass belongs to. */
  readonly label: string;
  /** The kernel, where the pass has one dispatch; else null. */
  readonly kernel: string | null;
  readonly dispatch: string | null;
  readonly seconds: number;
  readonly cost: Cost;
}

interface Half {
  readonly queries: GPUQuerySet;
  readonly resolved: GPUBuffer;
  readonly mapped: GPUBuffer;
  busy: boolean;
}

export class Timestamps {
  private readonly ring: Half[] = [];
  private current: Half | null = null;
  private passes: Omit<PassTime, 'seconds'>[] = [];

  constructor(readonly device: GPUDevice) {}

  /** No room for another pass before the next submit. */
  get full(): boolean {
    return this.passes.length >= PASSES_PER_SUBMIT - 1;
  }

  beginPass(): GPUComputePassDescriptor {
    this.current ??= this.take();
    const first = this.passes.length * 2;
    return {
      timestampWrites: {
        querySet: this.current.queries,
        beginningOfPassWriteIndex: first,
        endOfPassWriteIndex: first + 1,
      },
    };
  }

  endPass(label: string, dispatches: readonly BoundDispatch[]): void {
    const only = dispatches.length === 1 ? dispatches[0]! : null;
    this.passes.push({
      label,
      kernel: only?.shader.name ?? null,
      dispatch: only?.label ?? null,
      cost: sum(dispatches.map(({ cost }) => cost)),
    });
  }

  /** Add the read-back to the encoder; the returned function gives the times once the submit is done. */
  resolve(encoder: GPUCommandEncoder): (() => Promise<PassTime[]>) | undefined {
    const { current: half, passes } = this;
    if (!half || passes.length === 0) return undefined;
    const bytes = passes.length * 16;
    encoder.resolveQuerySet(half.queries, 0, passes.length * 2, half.resolved, 0);
    encoder.copyBufferToBuffer(half.resolved, 0, half.mapped, 0, bytes);
    this.current = null;
    this.passes = [];
    return async () => {
      await half.mapped.mapAsync(GPUMapMode.READ, 0, bytes);
      const ticks = new BigInt64Array(half.mapped.getMappedRange(0, bytes).slice(0));
      half.mapped.unmap();
      half.busy = false;
      // A pass shorter than the clock's step may read zero or less; it counts as no time.
      return passes.map((pass, index) => ({
        ...pass,
        seconds: Math.max(0, Number(ticks[index * 2 + 1]! - ticks[index * 2]!)) * 1e-9,
      }));
    };
  }

  destroy(): void {
    for (const { queries, resolved, mapped } of this.ring) {
      queries.destroy();
      resolved.destroy();
      mapped.destroy();
    }
    this.ring.length = 0;
  }

  private take(): Half {
    let half = this.ring.find(({ busy }) => !busy);
    if (!half) {
      if (this.ring.length >= RING * 4) throw new Error('Timestamps are not being collected.');
      const size = PASSES_PER_SUBMIT * 16;
      half = {
        queries: this.device.createQuerySet({ type: 'timestamp', count: PASSES_PER_SUBMIT * 2 }),
        resolved: this.device.createBuffer({
          label: 'timestamps',
          size,
          usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC,
        }),
        mapped: this.device.createBuffer({
          label: 'timestamps read',
          size,
          usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
        }),
        busy: false,
      };
      this.ring.push(half);
    }
    half.busy = true;
    return half;
  }
}
