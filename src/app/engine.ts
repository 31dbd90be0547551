/**
 * The page's end of the engine worker. The worker owns the GPU device, so a lost
 * device is a lost worker: it is ended and the next call makes a new one.
 */
import { proxy, type Remote, transfer } from 'comlink';
import type {
  BenchmarkChoice,
  CasePlan,
  CaseResult,
  CasesChoice,
  CheckRow,
  ClipChoice,
  ClipListeners,
  EngineApi,
  Inspection,
  Picture,
  PromptReading,
  SourceKey,
  StreamingChoice,
  StreamingOutlook,
  StreamingResult,
  UnfinishedRun,
  VideoModelChoice,
} from '../../workers/engine_api';
import { keepErrorCodes } from '../../workers/error_transfer';
import type { ClipPlan, ClipResult, ClipSize, VideoModel } from '../core/clip_run';
import { AppError } from '../core/errors';
import type { RunEvent } from '../core/events';
import type { BenchmarkResult, Machine } from '../core/result';
import type { BenchmarkPlan } from '../core/run_plan';
import { keptWorker } from './kept_worker';

keepErrorCodes();

const engine = keptWorker<EngineApi>(
  'engine',
  () => new Worker(new URL('../../workers/engine.ts', import.meta.url), { type: 'module' }),
  // With it went the device.
  () =>
    new AppError(
      'device-lost',
      'The worker that has the GPU was ended, most likely because memory ran short. Start again; a smaller size takes less.',
    ),
);

/** Rejects when the worker of this moment is gone: the next one knows nothing of what this one was told. */
export const currentWorker = (): Promise<never> => engine().ended;

async function call<T>(use: (api: Remote<EngineApi>) => Promise<T>): Promise<T> {
  const { api, during, end } = engine();
  try {
    return await during(use(api));
  } catch (error) {
    if (error instanceof AppError && error.code === 'device-lost') end(error);
    throw error;
  }
}

export const machine = (): Promise<Machine> => call((api) => api.machine());

export const plan = (): Promise<BenchmarkPlan> => call((api) => api.plan());

export const benchmark = (choice: BenchmarkChoice, onEvent: (event: RunEvent) => void): Promise<BenchmarkResult> =>
  inFlight(call((api) => api.benchmark(choice, proxy(onEvent))));

export const selfCheck = (onEvent: (event: RunEvent) => void, onRow: (row: CheckRow) => void): Promise<CheckRow[]> =>
  inFlight(call((api) => api.selfCheck(proxy(onEvent), proxy(onRow))));

/** The loader at the port's other end is where the engine reads weights from. */
export const connectLoader = (port: MessagePort): Promise<void> =>
  call((api) => api.connectLoader(transfer(port, [port])));

export const disconnectLoader = (): Promise<void> => call((api) => api.disconnectLoader());

export const skipTuning = (): Promise<void> => call((api) => api.skipTuning());

export const probeMemory = (): Promise<number> => inFlight(call((api) => api.probeMemory()));

export const planStreaming = (choice: StreamingChoice): Promise<StreamingOutlook> =>
  call((api) => api.planStreaming(choice));

export const measureStreaming = (
  choice: StreamingChoice,
  onEvent: (event: RunEvent) => void,
): Promise<StreamingResult> => inFlight(call((api) => api.measureStreaming(choice, proxy(onEvent))));

export const planCases = (choice: CasesChoice): Promise<CasePlan[]> => call((api) => api.planCases(choice));

export const measureCases = (
  choice: CasesChoice,
  onEvent: (event: RunEvent) => void,
  onCase: (result: CaseResult) => void,
): Promise<CaseResult[]> => inFlight(call((api) => api.measureCases(choice, proxy(onEvent), proxy(onCase))));

export const inspect = (keys: readonly SourceKey[]): Promise<Inspection> => call((api) => api.inspect(keys));

export const openModel = (choice: VideoModelChoice): Promise<VideoModel> => call((api) => api.openModel(choice));

export const closeModel = (): Promise<void> => call((api) => api.closeModel());

export const readPrompt = (...asked: Parameters<EngineApi['readPrompt']>): Promise<PromptReading> =>
  call((api) => api.readPrompt(...asked));

export const cropPicture = (picture: Picture, size: ClipSize): Promise<Picture> =>
  call((api) => api.cropPicture(picture, size));

export const planClips = (choice: ClipChoice, sizes: readonly ClipSize[]): Promise<ClipPlan[]> =>
  call((api) => api.planClips(choice, sizes));

export const makeClip = (choice: ClipChoice, listeners: ClipListeners): Promise<ClipResult> =>
  inFlight(call((api) => api.makeClip(choice, proxy(listeners))));

export const resumeClip = (id: string, model: VideoModelChoice, listeners: ClipListeners): Promise<ClipResult> =>
  inFlight(call((api) => api.resumeClip(id, model, proxy(listeners))));

export const unfinishedClip = (): Promise<UnfinishedRun | null> => call((api) => api.unfinishedClip());

export const discardUnfinished = (id: string): Promise<void> => call((api) => api.discardUnfinished(id));

let current: Promise<unknown> = Promise.resolve();

function inFlight<T>(run: Promise<T>): Promise<T> {
  current = run.catch(() => {});
  return run;
}

/**
 * Two submits of 250 ms may be on their way. What takes longer is a kernel being
 * compiled, seconds on some machines: nothing interrupts that, so the worker goes.
 */
const STOP_PATIENCE_MS = 600;

/** Resolves when the run in flight has ended, by itself or with its worker. */
export async function stop(): Promise<void> {
  const { api, end } = engine();
  const patience = setTimeout(() => end(new AppError('cancelled', 'The worker was ended.')), STOP_PATIENCE_MS);
  api.stop().catch(() => {}); // the run's own promise says how it ended
  await current;
  clearTimeout(patience);
}
