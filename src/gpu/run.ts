/**
 * Submitting bound programs: in pieces short enough to stay responsive, few
 * enough to keep the GPU fed, and timed by the GPU where it can.
 *
 * A piece is predicted from the cost model and corrected by what the last
 * pieces took, so the 250 ms budget holds on a phone and on a datacenter card.
 */
import { nowMs } from '../core/clock';
import { type Ceiling, lowerBound } from '../core/cost';
import { AppError } from '../core/errors';
import type { BoundDispatch, BoundProgram } from './bind';
import { type PassTime, Timestamps } from './timestamps';
import { awaitGpu, throwIfOver } from './waiting';

/** Longest submit, in seconds: so much is still computed after a cancel, twice. */
const SUBMIT_SECONDS = 0.25;
/** The queue copies arriving weights between submits, so with a feed they are shorter; shorter still leaves gaps. */
const FEED_SUBMIT_SECONDS = 0.06;
/** Shorter submits than this say more about the queue than about the GPU. */
const LEARN_SECONDS = 0.01;
/** A submit seems at most so much slower than expected: a clock that leapt, as a machine's that slept, is soon unlearned. */
const MOST_SLOWER = 16;
/** Submits on their way at once: one runs while the next is being recorded; more of the shorter ones. */
const IN_FLIGHT = 2;
const FEED_IN_FLIGHT = 3;

/** Weights that arrive while the programs run (pipeline/weight_stream.ts). Positions are those of the bound group. */
export interface Feed {
  /** Nothing comes through it. */
  readonly empty: boolean;
  /** Undefined when all that the command there reads is in the queue; else a promise for it. */
  ready(position: number): Promise<void> | undefined;
  /** Every command before the position is submitted, so what only they read may be overwritten. */
  submitted(position: number): void;
  /** What was brought since the last call. */
  takeTime(): FeedTime;
}

export interface FeedTime {
  readonly bytes: number;
  readonly tiles: number;
  /** How long something was being read or copied. */
  readonly activeSeconds: number;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly feed?: Feed | undefined;
  /** 'program' times stretches of dispatches, 'dispatch' gives each its own pass (slower; for kernel tables). */
  readonly timing?: 'program' | 'dispatch';
  /** How many programs the GPU has done, when it is told: after each submit that ends one. */
  readonly onPrograms?: ((done: number) => void) | undefined;
}

export interface RunTime {
  /** From the first submit to the last completion. */
  readonly wallSeconds: number;
  /** Sum of timestamped passes, or null where the GPU has no timestamps. */
  readonly gpuSeconds: number | null;
  readonly passes: readonly PassTime[];
  readonly dispatches: number;
  readonly submits: number;
  /** How long the GPU had nothing to do because weights had not arrived. */
  readonly starvedSeconds: number;
  /** What came through the feed meanwhile; null without one. */
  readonly feed: FeedTime | null;
}

/** How long the GPU computed nothing: by its own timestamps, or where it has none by when it was left waiting. */
export function idleSeconds({ wallSeconds, gpuSeconds, starvedSeconds }: RunTime): number {
  return gpuSeconds === null ? starvedSeconds : Math.max(0, wallSeconds - gpuSeconds);
}

export class Runner {
  private readonly timestamps: Timestamps | null;
  /** Measured over predicted seconds of the last submits. */
  private slowness = 1;
  /** The first error that no error scope caught. A refused submit reads stale timestamps, so it must end the run. */
  private refused: GPUError | null = null;

  constructor(
    readonly device: GPUDevice,
    /** The rate to plan with: assumed at first, measured once something was. */
    public ceiling: Ceiling,
  ) {
    this.timestamps = device.features.has('timestamp-query') ? new Timestamps(device) : null;
    device.addEventListener('uncapturederror', ({ error }) => {
      this.refused ??= error;
    });
  }

  /** Plan dispatches and submits by what was measured from now on. */
  calibrate(ceiling: Ceiling): void {
    this.ceiling = ceiling;
    this.slowness = 1;
  }

  /**
   * Run programs in order. Rejects with AppError `cancelled` at once after the signal, while the GPU finishes what was
   * submitted; their memory may be freed. With device-lost when the device is.
   */
  async run(
    programs: readonly BoundProgram[],
    { signal, feed, timing = 'program', onPrograms }: RunOptions = {},
  ): Promise<RunTime> {
    const { device } = this;
    throwIfOver(device, signal);
    const began = nowMs();
    const flying: Promise<void>[] = [];
    const passes: PassTime[] = [];
    let dispatches = 0;
    let submits = 0;
    let starvedSeconds = 0;
    const fed = feed !== undefined && !feed.empty;
    const submitSeconds = fed ? FEED_SUBMIT_SECONDS : SUBMIT_SECONDS;
    const inFlight = fed ? FEED_IN_FLIGHT : IN_FLIGHT;
    let position = programs[0]?.commands[0]?.position ?? 0;
    let encoder = device.createCommandEncoder();
    let predicted = 0;
    let lastDone = began;
    let pass: GPUComputePassEncoder | null = null;
    let passDispatches: BoundDispatch[] = [];
    let [ended, told, over] = [0, 0, false];

    const endPass = (label: string) => {
      if (!pass) return;
      pass.end();
      this.timestamps?.endPass(label, passDispatches);
      pass = null;
      passDispatches = [];
    };
    const submit = async () => {
      const collect = this.timestamps?.resolve(encoder);
      device.queue.submit([encoder.finish()]);
      const from = nowMs();
      feed?.submitted(position);
      submits += 1;
      const expected = predicted;
      const programsDone = ended;
      const flight = device.queue.onSubmittedWorkDone().then(async () => {
        const now = nowMs();
        // Time in which the GPU was given nothing, as when weights had not arrived, is not its slowness.
        const took = (now - Math.max(lastDone, from)) / 1000;
        lastDone = now;
        // `expected` has the slowness in it already; a submit much shorter than the clock's steps teaches nothing.
        if (expected > 0 && took > LEARN_SECONDS)
          this.slowness = Math.min(
            1000,
            Math.max(0.001, this.slowness * Math.sqrt(Math.min(MOST_SLOWER, took / expected))),
          );
        if (collect) passes.push(...(await collect()));
        if (signal?.aborted) return; // nobody listens, and what was refused may be the next run's
        this.throwRefused();
        if (programsDone > told && !over) onPrograms?.((told = programsDone));
      });
      flight.catch(() => {}); // awaited below, or not at all once the run is over
      flying.push(flight);
      encoder = device.createCommandEncoder();
      predicted = 0;
      if (flying.length >= inFlight) await awaitGpu(device, flying.shift()!, signal);
    };

    /** Let the GPU have what is recorded while the weights of the next command are on their way. */
    const arrival = async (weights: Promise<void>, label: string) => {
      weights.catch(() => {}); // it may fail before it is awaited
      endPass(label);
      await submit();
      const from = nowMs();
      const idle = Promise.all(flying).then(
        () => nowMs(),
        () => from,
      );
      await awaitGpu(device, weights, signal);
      const now = nowMs();
      starvedSeconds += Math.max(0, now - Math.max(from, await Promise.race([idle, now]))) / 1000;
    };

    try {
      for (const program of programs) {
        for (const command of program.commands) {
          position = command.position;
          const weights = feed?.ready(position);
          if (weights) await arrival(weights, program.label);
          if (command.kind === 'copy') {
            endPass(program.label);
            encoder.copyBufferToBuffer(
              command.source,
              command.sourceOffset,
              command.target,
              command.targetOffset,
              command.bytes,
            );
            continue;
          }
          const seconds = lowerBound(command.cost, this.ceiling) * this.slowness;
          const full = this.timestamps?.full ?? false;
          if (predicted > 0 && (predicted + seconds > submitSeconds || full)) {
            endPass(program.label);
            await submit();
          }
          if (!pass) pass = encoder.beginComputePass(this.timestamps?.beginPass() ?? {});
          pass.setPipeline(command.pipeline);
          pass.setBindGroup(0, command.bindGroup);
          pass.dispatchWorkgroups(command.groups);
          passDispatches.push(command);
          dispatches += 1;
          predicted += seconds;
          if (timing === 'dispatch') endPass(program.label);
        }
        endPass(program.label);
        position = program.endPosition;
        ended += 1;
      }
      await submit();
      await awaitGpu(device, Promise.all(flying), signal);
    } finally {
      over = true;
    }
    const gpuSeconds = this.timestamps ? passes.reduce((sum, { seconds }) => sum + seconds, 0) : null;
    return {
      wallSeconds: (nowMs() - began) / 1000,
      gpuSeconds,
      passes,
      dispatches,
      submits,
      starvedSeconds,
      feed: feed?.takeTime() ?? null,
    };
  }

  /** Where work begins anew: what was refused till now was another's, which is over. Between its own runs it may be a write. */
  forgetRefused(): void {
    this.refused = null;
  }

  private throwRefused(): void {
    const { refused } = this;
    if (!refused) return;
    this.refused = null;
    const memory = 'GPUOutOfMemoryError' in globalThis && refused instanceof GPUOutOfMemoryError;
    throw memory
      ? new AppError('out-of-memory', `The GPU ran out of memory while running: ${refused.message}`)
      : new AppError('gpu-failed', `The GPU refused a command: ${refused.message}`);
  }

  destroy(): void {
    this.timestamps?.destroy();
  }
}
