/**
 * Rounds of work in Node for `npm run soak`, on the engine of the command line: a slice of each kind of the benchmark's
 * work, and a video of the demo model. Built as the command line is, into dist/soak. What is counted after each round is
 * what a leak would raise.
 */
import { readdirSync } from 'node:fs';
import { measureSlice } from '../../src/bench/slices';
import { openNodeDevice } from '../../src/cli/gpu';
import { openModel } from '../../src/cli/open_model';
import { AppError } from '../../src/core/errors';
import { generate } from '../../src/generate/generate';
import { openContext } from '../../src/gpu/context';
import { activationFor, recorderOptions } from '../../src/pipeline/options';
import { synthSource } from '../../src/pipeline/synth_source';

export { growsBy, growthOf } from './growth';

export interface Counts {
  /** JavaScript's heap and its buffers, after the collector has run. */
  readonly heapBytes: number;
  /** Resident set, as the operating system counts it. */
  readonly processBytes: number;
  readonly gpuBytes: number;
  readonly gpuPeakBytes: number;
  /** What keeps the process alive: timers, sockets, workers. */
  readonly handles: number;
  /** Open files; 0 where the system does not list them. */
  readonly files: number;
}

const KINDS = ['text', 'linear', 'attention', 'conv'] as const;
/** Every fourth video is stopped on its way: what is given back then is given back by other lines. */
const STOPPED = 4;

/** `adapter`: the name of what does the work. `round` is the number of one, from 0; it throws what the engine throws. */
export async function openRounds(): Promise<{ adapter: string; round(index: number): Promise<Counts> }> {
  const device = await openNodeDevice();
  const context = openContext(device);
  const { memory } = context;
  const activation = activationFor(context);
  const settings = recorderOptions(context, activation);
  const source = synthSource(context, { type: 'bf16', headDim: 64 });

  const model = await openModel(['demo']); // once, as the command line does: its files stay open until the process ends

  async function makeVideo(index: number): Promise<void> {
    const stop = new AbortController();
    const isStopped = index % STOPPED === STOPPED - 1;
    const wish = {
      settings: { ...model.info.defaults, width: 64, height: 64, frames: 9, steps: 6, seed: index },
      ...({ image: null, loras: [], residency: index % 2 === 0 ? 'resident' : 'stream', activation } as const),
      previewEvery: 2,
    };
    let frames = 0;
    const video = generate(context, model, wish, {
      signal: stop.signal,
      onFrames: ({ frameCount }) => void (frames += frameCount),
      onPreview: () => {},
      onState: ({ state }) => void (isStopped && state.done === 3 && stop.abort()),
    });
    const how = await video.then(
      () => 'whole',
      (failure) => (failure instanceof AppError ? failure.code : Promise.reject(failure)),
    );
    const expected = isStopped ? 'cancelled after 0 frames' : 'whole after 9 frames';
    if (`${how} after ${frames} frames` !== expected)
      throw new Error(`Round ${index}: ${how} after ${frames} frames, not ${expected}.`);
  }

  async function round(index: number): Promise<Counts> {
    memory.resetPeak();
    for (const kind of KINDS) await measureSlice(context, kind, { settings, source, seconds: 0.2, repeats: 1 });
    await makeVideo(index);
    // Twice: what the first run lets go of may hold buffers that only the second then frees.
    for (let run = 0; run < 2; run++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return {
      heapBytes: heapUsed + external,
      processBytes: rss,
      gpuBytes: memory.bytes,
      gpuPeakBytes: memory.peakBytes,
      handles: process.getActiveResourcesInfo().length,
      files: openFiles(),
    };
  }
  return { adapter: device.machine.adapter, round };
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
