/**
 * The engine's part that makes videos, as `ClipApi` says. After every step it
 * keeps in IndexedDB what the run needs to go on: a closed tab, a crash or a lost
 * device costs one step.
 */
import { transfer } from 'comlink';
import { createStore, del, get, keys, set } from 'idb-keyval';
import type { ClipResult } from '../src/core/clip_run';
import { AppError } from '../src/core/errors';
import { keepEmbeddings } from '../src/generate/embeddings';
import type { ClipWish } from '../src/generate/generate';
import { makeVideo } from '../src/generate/make_video';
import { cropPicture } from '../src/generate/picture';
import { planWish } from '../src/generate/plan';
import { readPrompt } from '../src/generate/prompt';
import type { GpuContext } from '../src/gpu/context';
import { ASSUMED_UPLOAD_BYTES_PER_SECOND, ratesOf } from '../src/gpu/rates';
import { awaitGpu } from '../src/gpu/waiting';
import type { LoraUse } from '../src/pipeline/lora_source';
import { activationFor } from '../src/pipeline/options';
import { joinFiles, openTensorFile } from '../src/weights/checkpoint';
import { readLora } from '../src/weights/lora';
import type { SourceClient } from './byte_port';
import type { ClipApi, ClipChoice, ClipListeners, LoraChoice } from './engine_api';
import { borrowModel, closeModel, videoModel } from './engine_models';
import { type KeptRun, keptRuns, lenient } from './kept_runs';
import type { Closable } from './last_opened';
import { openSources } from './open_sources';

/** What the engine worker has: its device, one run at a time, and the loader. */
export interface EngineParts {
  context(): Promise<GpuContext>;
  /** Bytes of weights a second; measures it and the rate of computing, where they are not known. */
  rateToPlanWith(context: GpuContext): Promise<number>;
  running<T>(work: (context: GpuContext, signal: AbortSignal) => Promise<T>): Promise<T>;
  loader(): SourceClient | null;
}

const kept = createStore('wanscope-clips', 'kept');
/** What is not kept of prompts is encoded anew. */
const keyValues = lenient({ get: (key) => get(key, kept), set: (key, value) => set(key, value, kept) });

const runs = keptRuns({
  get: (key) => get(key, kept),
  set: (key, value) => set(key, value, kept),
  delete: (key) => del(key, kept),
  keys: () => keys<string>(kept),
});

export function clipEngine({ context, rateToPlanWith, running, loader }: EngineParts): ClipApi {
  const open = (choice: ClipChoice['model']) => videoModel(loader(), choice);

  /** `listeners` is a proxy of the page's: every call is a message, and nothing waits for its answer. */
  function make(choice: ClipChoice, listeners: ClipListeners, kept?: KeptRun): Promise<ClipResult> {
    return running(async (gpu, signal) => {
      const id = kept?.id ?? (await runs.newId());
      // By this lock another tab knows that the run is not one that was left.
      return navigator.locks.request(id, async () => {
        const borrowed = borrowModel(loader(), choice.model);
        const { residency, memoryBytes, previewEvery } = choice;
        const way = { loras: choice.loras, residency, memoryBytes, previewEvery };
        const keeper = runs.keeper(id, way);
        const opened: Closable[] = [];
        try {
          const model = await awaitGpu(gpu.device.device, borrowed.value, signal);
          const loras = await openLoras(loader(), choice.loras, opened, signal);
          const result = await makeVideo(gpu, model, wishOf(gpu, choice, loras), {
            signal,
            resume: kept?.unfinished,
            embeddings: keepEmbeddings(keyValues, model.textFingerprint, model.networks.text.dim),
            emit: (event) => void listeners.onEvent(event),
            onFrames: (frames) => void listeners.onFrames(transfer(frames, [frames.pixels.buffer])),
            onPreview: (preview) => void listeners.onPreview(transfer(preview, [preview.pixels.buffer])),
            onState: keeper.keep,
          });
          await keeper.finish();
          return result;
        } finally {
          borrowed.giveBack();
          for (const source of opened) source.close();
        }
      });
    });
  }

  return {
    closeModel: async () => closeModel(),

    openModel: async (choice) => (await open(choice)).info,

    async readPrompt(choice, prompt, tokenizer) {
      const model = await open(choice);
      const { ids, cut, unknown } = readPrompt(model, prompt, tokenizer);
      return { tokens: ids.length, limit: model.info.mostPromptTokens, cut, unknown };
    },

    async cropPicture(picture, size) {
      const cropped = cropPicture(picture, size);
      return transfer(cropped, [cropped.pixels.buffer]);
    },

    async planClips(choice, sizes) {
      const [gpu, model] = await Promise.all([context(), open(choice.model)]);
      // Measured first, with the rate of computing, where that takes a second or two; a CPU would take as long as a video.
      const upload = gpu.device.machine.software ? ASSUMED_UPLOAD_BYTES_PER_SECOND : await rateToPlanWith(gpu);
      const rates = ratesOf(gpu, upload);
      const opened: Closable[] = [];
      try {
        const wish = wishOf(gpu, choice, await openLoras(loader(), choice.loras, opened));
        return sizes.map((size) => planWish(gpu, model, { ...wish, settings: { ...wish.settings, ...size } }, rates));
      } finally {
        for (const source of opened) source.close();
      }
    },

    makeClip: (choice, listeners) => make(choice, listeners),

    async unfinishedClip() {
      const { held = [] } = await navigator.locks.query();
      const run = await runs.latest(new Set(held.map(({ name }) => name ?? '')));
      return run && { id: run.id, clip: run.unfinished.clip };
    },

    async resumeClip(id, model, listeners) {
      const run = await runs.read(id);
      if (!run) throw new AppError('input-invalid', 'This unfinished video is not in this browser any more.');
      const { settings } = run.unfinished.clip;
      // The picture, as the model saw it, is in the kept run.
      return make({ model, settings, image: null, ...run.way }, listeners, run);
    },

    discardUnfinished: (id) =>
      navigator.locks.request(id, { ifAvailable: true }, (lock) => (lock ? runs.delete(id) : undefined)),
  };
}

async function openLoras(
  loader: SourceClient | null,
  choices: readonly LoraChoice[],
  opened: Closable[],
  signal?: AbortSignal,
): Promise<LoraUse[]> {
  const loras: LoraUse[] = [];
  for (const { keys, strength } of choices) {
    const sources = await openSources(loader, keys, opened, signal);
    const files = joinFiles(await Promise.all(sources.map((source) => openTensorFile(source, signal))));
    const lora = readLora(files);
    if (!lora) throw new AppError('weights-missing', `${files.label} has no tensor that is named as one of a LoRA.`);
    loras.push({ lora, strength });
  }
  return loras;
}

function wishOf(
  gpu: GpuContext,
  { settings, image, residency, memoryBytes, previewEvery }: ClipChoice,
  loras: readonly LoraUse[],
): ClipWish {
  return {
    settings,
    image,
    loras,
    residency,
    memoryBytes: memoryBytes ?? undefined,
    activation: activationFor(gpu),
    previewEvery,
  };
}
