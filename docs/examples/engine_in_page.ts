/** Every call of the engine worker, from a page: the examples of docs/engine-api.md, held to the types by `npm run check`. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import { estimateRun } from '../../src/core/run_plan';
import type { ClipChoice, EngineApi, SourceKey } from '../../workers/engine_api';
import { keepErrorCodes } from '../../workers/error_transfer';
import type { LoaderApi } from '../../workers/loader_api';

keepErrorCodes();
const worker = new Worker(new URL('../../workers/engine.ts', import.meta.url), { type: 'module' });
const engine = wrap<EngineApi>(worker);
const silent = proxy(() => {});

export async function machine() {
  const { adapter, tier, software } = await engine.machine();
  console.log(`${adapter}, tier ${tier}${software ? ', software' : ''}`);
}

export async function plan() {
  const { quick } = await engine.plan();
  const { clip, seconds, peakBytes } = estimateRun(quick, null, null);
  console.log(clip?.id ?? 'slices only', seconds, peakBytes);
}

export async function benchmark() {
  const result = await engine.benchmark(
    { mode: 'quick', preset: null, steps: null },
    proxy((event) => {
      if (event.type === 'progress') console.log(event.stage, event.done, event.total, event.secondsLeft);
    }),
  );
  console.log(result.stages.step.seconds, result.projection.stages.step.kind);
}

export async function skipTuning() {
  const running = engine.benchmark({ mode: 'quick', preset: null, steps: null }, silent);
  await engine.skipTuning();
  await running;
}

export async function selfCheck() {
  const rows = await engine.selfCheck(
    silent,
    proxy((row) => console.log(row.file, row.relL2)),
  );
  console.log(rows.every(({ pass }) => pass));
}

export async function stop() {
  const running = engine.selfCheck(silent, silent);
  await engine.stop();
  await running.catch(({ code }) => console.log(code)); // 'cancelled'
}

export async function probeMemory() {
  const bytes = await engine.probeMemory();
  console.log(`${bytes / 2 ** 30} GiB`);
}

export async function connectLoader(loader: Remote<LoaderApi>) {
  const { port1, port2 } = new MessageChannel();
  await loader.connectEngine(transfer(port1, [port1]));
  await engine.connectLoader(transfer(port2, [port2]));
}

export async function disconnectLoader() {
  await engine.disconnectLoader();
}

export async function inspect(keys: readonly SourceKey[]) {
  const { networks } = await engine.inspect(keys);
  for (const { network, parameters, missing } of networks) console.log(network, parameters, missing.length);
}

const streaming = {
  preset: '640x352x17',
  weights: { kind: 'memory', type: 'bf16' },
  residency: 'stream',
  memoryBytes: 2 * 2 ** 30,
  steps: 3,
} as const;

export async function planStreaming() {
  const { residentBytes, streamedBytes, stepSeconds } = await engine.planStreaming(streaming);
  console.log(residentBytes, streamedBytes, stepSeconds);
}

export async function measureStreaming() {
  const { step, brought } = await engine.measureStreaming(streaming, silent);
  console.log(step.seconds, brought?.exposedSeconds ?? 0);
}

const cases = {
  presets: ['256x256x5'],
  weights: ['bf16', 'q8_0'],
  offloads: ['resident', 'stream'],
  batches: [1, 2],
  memoryBytes: null,
  steps: 3,
} as const;

export async function planCases() {
  for (const { wish, peakBytes, impossible } of await engine.planCases(cases))
    console.log(wish.weights, wish.offload, wish.batch, impossible?.message ?? peakBytes);
}

export async function measureCases() {
  const finished = await engine.measureCases(
    cases,
    silent,
    proxy(({ key, step, failure }) => console.log(key.weights, key.offload, step?.seconds ?? failure?.message)),
  );
  console.log(finished.length);
}

export async function openModel() {
  const { label, defaults, mostPromptTokens } = await engine.openModel({ kind: 'demo' });
  console.log(label, defaults.width, defaults.height, mostPromptTokens);
}

export async function closeModel() {
  await engine.closeModel();
}

export async function readPrompt() {
  const { tokens, limit, unknown } = await engine.readPrompt({ kind: 'demo' }, 'a red circle', 'fast');
  console.log(tokens, limit, unknown);
}

export async function cropPicture(bitmap: ImageData) {
  const { width, height, data } = bitmap;
  const picture = { width, height, pixels: Uint8ClampedArray.from(data) };
  const seen = await engine.cropPicture(picture, { width: 96, height: 96, frames: 17 });
  console.log(seen.width, seen.height);
}

async function choose(): Promise<ClipChoice> {
  const { defaults } = await engine.openModel({ kind: 'demo' });
  return {
    model: { kind: 'demo' },
    settings: { ...defaults, prompt: 'a red circle moving right on a black background' },
    image: null,
    loras: [],
    residency: 'resident',
    memoryBytes: null,
    previewEvery: 0,
  };
}

export async function planClips() {
  const choice = await choose();
  const [plan] = await engine.planClips(choice, [choice.settings]);
  console.log(plan?.impossible ?? plan?.seconds);
}

const listeners = proxy({
  onEvent: () => {},
  onFrames: ({ firstFrame, frameCount }: { firstFrame: number; frameCount: number }) =>
    console.log(`frames from ${firstFrame}: ${frameCount}`),
  onPreview: () => {},
});

export async function makeClip() {
  const { stages, peakGpuBytes } = await engine.makeClip(await choose(), listeners);
  console.log(stages.total.seconds, peakGpuBytes);
}

export async function resumeClip() {
  const run = await engine.unfinishedClip();
  if (run) await engine.resumeClip(run.id, { kind: 'demo' }, listeners);
}

export async function discardUnfinished() {
  const run = await engine.unfinishedClip();
  if (run) await engine.discardUnfinished(run.id);
}
