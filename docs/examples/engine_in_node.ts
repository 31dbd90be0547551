/**
 * What the engine worker does for a page, done in Node by the functions that it calls itself: the examples of
 * docs/engine-api.md. They run from the project's folder by their names; on a software adapter benchmark,
 * measureStreaming and measureCases take minutes.
 *
 *   node docs/examples/run_in_node.mjs machine plan selfCheck makeClip
 */
import { casesOf, measureCases as measureWishes, syntheticNetwork } from '../../src/bench/cases';
import { planBenchmark } from '../../src/bench/estimate';
import { planGuidedSteps } from '../../src/bench/guided_steps';
import { runBenchmark } from '../../src/bench/modes';
import { planCase } from '../../src/bench/plan_case';
import { presetOf } from '../../src/bench/presets';
import { measureStreaming as measurePlaced } from '../../src/bench/streaming';
import { openFile } from '../../src/cli/file_source';
import { keptTuning, openNodeContext } from '../../src/cli/node_context';
import { openCheckpoint } from '../../src/cli/open_checkpoint';
import { openModel as openFiles } from '../../src/cli/open_model';
import { readPicture } from '../../src/cli/read_picture';
import { openUnfinished, removeUnfinished, saveUnfinished } from '../../src/cli/unfinished_file';
import { WAN22_5B } from '../../src/dit/config';
import { type ClipWish, generate } from '../../src/generate/generate';
import { cropPicture as crop } from '../../src/generate/picture';
import { planWish } from '../../src/generate/plan';
import { readPrompt as read } from '../../src/generate/prompt';
import { calibrateUpload, probeMemory as probe } from '../../src/gpu/probe';
import { ratesOf } from '../../src/gpu/rates';
import { expectedTensors, inferSizes } from '../../src/pipeline/expected_tensors';
import { memorySource } from '../../src/pipeline/memory_source';
import { activationFor, recorderOptions } from '../../src/pipeline/options';
import { verifyFiles } from '../../src/pipeline/verify';
import { UMT5_XXL } from '../../src/text/config';
import { tuneDevice } from '../../src/tuning/device_tuning';
import { inspect as look } from '../../src/weights/inspection';

const context = await openNodeContext();
const controller = new AbortController();
const { signal } = controller;

export async function machine() {
  const { adapter, tier, software } = context.device.machine;
  console.log(`${adapter}, tier ${tier}${software ? ', software' : ''}`);
}

export async function plan() {
  const { quick } = planBenchmark(context);
  console.log(quick.presets.map(({ id, stepSeconds }) => `${id} ${stepSeconds}`));
}

export async function benchmark() {
  const emit = console.log;
  const result = await runBenchmark(context, 'quick', { preset: null, steps: null, initSeconds: 0, signal, emit });
  console.log(result.stages.step.seconds);
}

export async function skipTuning() {
  const skip = new AbortController();
  const tuning = tuneDevice(context, keptTuning, { signal, skip: skip.signal });
  skip.abort();
  console.log((await tuning).skipped);
}

export async function selfCheck() {
  const files = [await openFile('public/golden/tiny-dit.safetensors')];
  const rows = await verifyFiles(context, files, { activation: 'f32', savings: true, signal });
  console.log(rows.every(({ pass }) => pass));
}

export async function stop() {
  const running = probe(context, signal);
  controller.abort();
  await running.catch(({ code }) => console.log(code)); // 'cancelled'
}

export async function probeMemory() {
  console.log(`${(await probe(context, signal)) / 2 ** 30} GiB`);
}

export async function inspect() {
  const checkpoint = await openCheckpoint('public/demo', signal);
  const { networks } = look(checkpoint, expectedTensors(inferSizes(checkpoint)));
  for (const { network, parameters, missing } of networks) console.log(network, parameters, missing.length);
}

const source = () => memorySource(context, 'bf16', UMT5_XXL.dim_attn / UMT5_XXL.num_heads);
const settings = recorderOptions(context, activationFor(context));
const clip = presetOf('640x352x17');
const placement = { residency: 'stream', memoryBytes: 2 * 2 ** 30 } as const;

export async function planStreaming() {
  const { residentBytes, streamedBytes } = planGuidedSteps(
    settings,
    source(),
    WAN22_5B,
    { clip, batch: 1, ...placement },
    3,
  );
  console.log(residentBytes, streamedBytes);
}

export async function measureStreaming() {
  await calibrateUpload(context);
  const { step, brought } = await measurePlaced(context, source(), WAN22_5B, clip, { ...placement, steps: 3, signal });
  console.log(step.seconds, brought?.exposedSeconds ?? 0);
}

const wishes = casesOf({
  clips: [presetOf('256x256x5')],
  weights: ['bf16', 'q8_0'],
  offloads: ['resident', 'stream'],
  batches: [1, 2],
  memoryBytes: null,
});

export async function planCases() {
  for (const wish of wishes) {
    const { peakBytes, impossible } = planCase(settings, WAN22_5B, wish, 3, ratesOf(context));
    console.log(wish.weights, wish.offload, wish.batch, impossible?.message ?? peakBytes);
  }
}

export async function measureCases() {
  const options = { steps: 3, rates: ratesOf(context), signal, onCase: console.log };
  const finished = await measureWishes(context, syntheticNetwork(context), wishes, options);
  console.log(finished.length);
}

export async function openModel() {
  const { info } = await openFiles(['demo'], signal);
  console.log(info.label, info.defaults.width, info.defaults.height, info.mostPromptTokens);
}

export async function readPrompt() {
  const { ids, unknown } = read(await openFiles(['demo'], signal), 'a red circle', 'fast');
  console.log(ids.length, unknown);
}

export async function cropPicture() {
  const seen = crop(await readPicture('docs/generate.png'), { width: 96, height: 96 });
  console.log(seen.width, seen.height);
}

async function choose() {
  const model = await openFiles(['demo'], signal);
  const wish: ClipWish = {
    settings: { ...model.info.defaults, prompt: 'a red circle moving right on a black background' },
    image: null,
    loras: [],
    residency: 'resident',
    activation: activationFor(context),
    previewEvery: 0,
  };
  return { model, wish };
}

export async function planClips() {
  const { model, wish } = await choose();
  const { impossible, seconds } = planWish(context, model, wish, ratesOf(context));
  console.log(impossible ?? seconds);
}

export async function makeClip() {
  const { model, wish } = await choose();
  const result = await generate(context, model, wish, {
    signal,
    onFrames: ({ firstFrame, frameCount }) => console.log(`frames from ${firstFrame}: ${frameCount}`),
    onState: (unfinished) => saveUnfinished('clip.mp4', unfinished),
  });
  console.log(result.stages.total.seconds, result.peakGpuBytes);
}

export async function resumeClip() {
  const { model, wish } = await choose();
  const resume = (await openUnfinished('clip.mp4')) ?? undefined;
  await generate(context, model, wish, { signal, resume, onFrames: () => {} });
}

export async function discardUnfinished() {
  await removeUnfinished('clip.mp4');
}
