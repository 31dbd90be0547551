/**
 * The worker that owns the GPU device, and offers the engine to the page. Thin:
 * it opens the device, keeps the run in flight stoppable, and passes everything on.
 */
import { expose } from 'comlink';
import { planBenchmark } from '../src/bench/estimate';
import { runBenchmark } from '../src/bench/modes';
import { nowMs } from '../src/core/clock';
import { AppError } from '../src/core/errors';
import type { CheckRow } from '../src/core/result';
import { type GpuContext, openContext } from '../src/gpu/context';
import { openDevice } from '../src/gpu/device';
import { probeMemory } from '../src/gpu/probe';
import { verifyFiles } from '../src/pipeline/verify';
import { connectSources, type SourceClient } from './byte_port';
import type { ClipApi, EngineApi } from './engine_api';
import { measureMatrix, planMatrix } from './engine_cases';
import { adoptKept, skipTuning, tuningPhase, tuningSeconds } from './engine_tuning';
import { inspectFiles, measureRates, outlook, ratesKnown, stream } from './engine_weights';
import { keepErrorCodes } from './error_transfer';
import { holdLife } from './hold_life';
import { asOnlyRun } from './only_run';
import { fetchOwn } from './own_files';

keepErrorCodes();

interface Opened {
  readonly context: GpuContext;
  readonly initSeconds: number;
  /** Resolves once the kernels take what was tuned here before. Never rejects. */
  readonly adopted: Promise<void>;
}

let opened: Promise<Opened> | null = null;
let run: AbortController | null = null;

/** What opens weights by their keys; null until the page connects the loader. */
let loader: SourceClient | null = null;

function open(): Promise<Opened> {
  opened ??= openOnce().catch((failure) => {
    opened = null; // so that trying again asks again
    throw failure;
  });
  return opened;
}

async function openOnce(): Promise<Opened> {
  const began = nowMs();
  const device = await openDevice(navigator.gpu, browserName());
  // Whoever runs is told by what it waits for.
  void device.device.lost.then(() => {
    opened = null;
  });
  const context = openContext(device);
  return { context, initSeconds: (nowMs() - began) / 1000, adopted: adoptKept(context) };
}

/** One run at a time, here and in all tabs, ended by `stop` or by the loss of the device. */
async function running<T>(work: (opened: Opened, signal: AbortSignal) => Promise<T>): Promise<T> {
  if (run) throw new AppError('input-invalid', 'A run is in progress. Stop it before starting another.');
  const controller = new AbortController();
  run = controller;
  try {
    await ratesKnown((await open()).context); // while it measures, a plan holds the lock
    return await asOnlyRun(async () => {
      const here = await open();
      await here.adopted;
      try {
        return await work(here, controller.signal);
      } catch (failure) {
        // Nothing outlives a run, so whatever one that failed half-way still holds is given back here.
        here.context.memory.destroy();
        throw failure;
      }
    });
  } finally {
    run = null;
  }
}

/** Plans go by measured rates, which cannot be measured beside a run: input-invalid beside one here, gpu-busy beside another tab's. */
async function rateToPlanWith(context: GpuContext): Promise<number> {
  if (run && !ratesKnown(context))
    throw new AppError('input-invalid', 'A run is in progress. What a choice means is told when it has ended.');
  return measureRates(context, asOnlyRun);
}

/** Golden files shipped with the app, in the order of the pipeline. */
const GOLDENS = [
  'tiny-t5',
  'tiny-t5-long',
  'small-t5',
  'tiny-dit',
  'tiny-dit-i2v',
  'small-dit',
  'tiny-vae-encode',
  'tiny-vae-decode',
  'tiny-decoder-taew2_2',
  'tiny-pipeline-t2v',
  'tiny-pipeline-i2v',
];

/** 'Chrome 148', from the user agent: the most specific name it has. */
function browserName(): string {
  const { userAgent } = navigator;
  for (const name of ['Firefox', 'Edg', 'OPR', 'Chrome']) {
    const version = userAgent.match(new RegExp(`${name}/(\\d+)`))?.[1];
    if (version) return `${name === 'Edg' ? 'Edge' : name === 'OPR' ? 'Opera' : name} ${version}`;
  }
  const safari = userAgent.match(/Version\/([\d.]+).*Safari/)?.[1];
  return safari ? `Safari ${safari}` : userAgent;
}

function letLoaderGo(): void {
  loader?.close();
  loader = null;
  void closeModel();
}

let clips: Promise<ClipApi> | null = null;

/** What makes videos opened it, so where that never came there is none. */
const closeModel = async (): Promise<void> => (await clips?.catch(() => null))?.closeModel();

/** What makes videos is a large part of the engine's code, so it comes when it is first asked for. */
function clipApi(): Promise<ClipApi> {
  clips ??= import('./engine_clips').then(({ clipEngine }) =>
    clipEngine({
      context: async () => (await open()).context,
      running: (work) => running(({ context }, signal) => work(context, signal)),
      rateToPlanWith,
      loader: () => loader,
    }),
  );
  clips.catch(() => {
    clips = null; // so that trying again asks again
  });
  return clips;
}

const engine: EngineApi = {
  holdLife,

  openModel: async (...asked) => (await clipApi()).openModel(...asked),
  closeModel,
  readPrompt: async (...asked) => (await clipApi()).readPrompt(...asked),
  cropPicture: async (...asked) => (await clipApi()).cropPicture(...asked),
  planClips: async (...asked) => (await clipApi()).planClips(...asked),
  makeClip: async (...asked) => (await clipApi()).makeClip(...asked),
  resumeClip: async (...asked) => (await clipApi()).resumeClip(...asked),
  unfinishedClip: async (...asked) => (await clipApi()).unfinishedClip(...asked),
  discardUnfinished: async (...asked) => (await clipApi()).discardUnfinished(...asked),

  async machine() {
    return (await open()).context.device.machine;
  },

  async plan() {
    const { context, adopted } = await open();
    await adopted; // or a device that was tuned long ago would be said to be tuned first
    return planBenchmark(context, undefined, tuningSeconds(context));
  },

  benchmark: ({ mode, ...choice }, onEvent) =>
    running(({ context, initSeconds }, signal) => {
      const tuning = tuningPhase(context, signal);
      return runBenchmark(context, mode, { ...choice, tuning, initSeconds, signal, emit: onEvent });
    }),

  selfCheck: (onEvent, onRow) =>
    running(async ({ context }, signal) => {
      const files = await Promise.all(GOLDENS.map((name) => fetchOwn(`golden/${name}.safetensors`, signal)));
      // In f32, and in what the benchmark computes in where that is f16.
      const types = context.device.tier === 'C' ? (['f32'] as const) : (['f32', 'f16'] as const);
      const rows: CheckRow[] = [];
      for (const activation of types) {
        const label = (row: CheckRow) => (activation === 'f32' ? row : { ...row, file: `${row.file} · f16` });
        const options = { activation, savings: true, signal };
        const checked = await verifyFiles(context, files, options, {
          emit: onEvent,
          onRow: (row) => onRow(label(row)),
        });
        rows.push(...checked.map(label));
      }
      return rows;
    }),

  probeMemory: () => running(({ context }, signal) => probeMemory(context, signal)),

  async planStreaming(choice) {
    const { context } = await open();
    return outlook(context, loader, choice, await rateToPlanWith(context));
  },

  measureStreaming: (choice, onEvent) =>
    running(({ context }, signal) => stream(context, loader, choice, signal, onEvent)),

  async planCases(choice) {
    const { context } = await open();
    return planMatrix(context, choice, await rateToPlanWith(context));
  },

  measureCases: (choice, onEvent, onCase) =>
    running(({ context }, signal) => measureMatrix(context, choice, signal, onEvent, onCase)),

  inspect: (keys) => inspectFiles(loader, keys),

  async connectLoader(port) {
    letLoaderGo();
    loader = connectSources(port);
  },

  async disconnectLoader() {
    letLoaderGo();
  },

  async skipTuning() {
    skipTuning();
  },

  async stop() {
    run?.abort();
  },
};

expose(engine);
