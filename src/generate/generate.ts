/**
 * A video from a prompt, and from a first frame if one is given: what settings
 * mean for the networks, the pipeline run, its events, and its result.
 */
import { type ClipSettings, checkClip, type Picture } from '../core/clip';
import type { ClipPreview, ClipResult, FramePixels } from '../core/clip_run';
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { Emit } from '../core/events';
import { median } from '../core/median';
import { activationsName, type Products, weightsName } from '../core/products';
import type { Figure } from '../core/result';
import { runEvents } from '../core/run_events';
import type { GpuContext } from '../gpu/context';
import { ratesOf } from '../gpu/rates';
import { type ClipTimes, type EmbeddingStore, makeClip, type StageTime } from '../pipeline/clip';
import { WAN22_SIZES } from '../pipeline/expected_tensors';
import { learnRate } from '../pipeline/learn_rate';
import type { LoraUse } from '../pipeline/lora_source';
import { recorderOptions } from '../pipeline/options';
import { drawNoise } from '../sampling/noise';
import { solverFor } from '../sampling/solver';
import { fingerprintOf, weightsOf } from './fingerprint';
import { framePixels } from './frame_pixels';
import type { OpenedModel } from './model';
import { cropPicture, firstFrame } from './picture';
import { sourceOf } from './plan';
import { openPreviews } from './previews';
import { checkKnown, promptIds } from './prompt';
import { showing, tellNoPreviews, withPreviews } from './run_previews';
import { stagesNeeds } from './stage_needs';
import { plannedStages, stageReport } from './stage_report';
import { watchTaking } from './taking';
import { checkContinues, latentsShape, type Unfinished } from './unfinished';

export interface ClipWish {
  readonly settings: ClipSettings;
  /** As large as it is; cropped here. */
  readonly image: Picture | null;
  readonly residency: 'resident' | 'stream';
  /** GPU memory in all; undefined sets no bound. */
  readonly memoryBytes?: number | undefined;
  readonly activation: 'f32' | 'f16';
  /** Of the transformer's linear layers; exact unless given. */
  readonly products?: Products | undefined;
  readonly loras: readonly LoraUse[];
  /** A preview after every so many steps; 0 for none. */
  readonly previewEvery: number;
}

export interface GenerateOptions {
  readonly signal?: AbortSignal | undefined;
  readonly emit?: Emit | undefined;
  /** As they are decoded. */
  readonly onFrames: (frames: FramePixels) => void | Promise<void>;
  readonly onPreview?: ((preview: ClipPreview) => void) | undefined;
  /** Go on from here. */
  readonly resume?: Unfinished | undefined;
  /** After every step, what a later run can go on from. */
  readonly onState?: ((unfinished: Unfinished) => void | Promise<void>) | undefined;
  readonly embeddings?: EmbeddingStore | undefined;
  /** As measured, for the time a run has left. */
  readonly uploadBytesPerSecond?: number | undefined;
  /** By `nowMs`, when the session began, whose time the total is; now unless given. */
  readonly beganMs?: number | undefined;
}

/** What an unfinished video names its run by, and its first frame. Throws input-invalid where `resume` is of another run. */
export async function openRun(
  { info }: OpenedModel,
  { settings, image, loras, activation, products = 'exact' }: ClipWish,
  resume: Unfinished | undefined,
  signal?: AbortSignal,
) {
  const picture = (image && cropPicture(image, settings)) ?? resume?.image ?? null;
  const run = { settings, ...(await weightsOf(info, loras, signal)), activation, products };
  if (resume) checkContinues(resume, run, picture);
  return { run, picture };
}

/**
 * Throws AppError input-invalid for settings that cannot be, a prompt of unknown words alone, or a state of another run;
 * weights-missing for a decoder or encoder that the model lacks; and what `makeClip` throws.
 */
export async function generate(
  context: GpuContext,
  model: OpenedModel,
  wish: ClipWish,
  options: GenerateOptions,
): Promise<ClipResult> {
  const { settings, residency, memoryBytes, activation, products, loras, previewEvery } = wish;
  const { info, networks } = model;
  const { signal, emit = () => {}, onFrames, onPreview, resume, onState, embeddings, beganMs = nowMs() } = options;
  checkWish(model, wish);
  const prompts = promptIds(model, settings);
  const { run, picture } = await openRun(model, wish, resume, signal);

  const source = sourceOf(context, model, loras);
  const solver = solverFor(settings);
  const steps = solver.steps.length;
  const shape = latentsShape(networks.dit.in_dim, settings);
  const resumedSteps = resume?.state.done ?? 0;
  const recorder = recorderOptions(context, activation, products);
  await learnRate(context, signal);
  const rates = ratesOf(context, options.uploadBytesPerSecond);
  const wanted = onPreview && previewEvery > 0 ? openPreviews(context, source, model, shape, activation) : null;
  const { needs, previews, remark } = withPreviews(
    wanted,
    {
      ...{ residency, memoryBytes, imageGiven: picture !== null, resume: resume?.state },
      tokensToEncode: await notKept(prompts, embeddings),
    },
    (placement) => stagesNeeds(recorder, model, settings, placement, rates, source),
  );
  const events = runEvents(emit, settings.prompt, plannedStages(needs, steps - resumedSteps));
  const report = stageReport(events, settings, resumedSteps, steps);
  if (remark !== null) tellNoPreviews(emit, remark);
  const show = previews && onPreview && showing(previews, onPreview, emit, signal);

  const taking = watchTaking();
  const times = await makeClip(
    context,
    source,
    networks,
    {
      prompts,
      shape,
      noise: drawNoise(
        settings.noise,
        shape.reduce((product, size) => product * size),
        settings.seed,
      ),
      image: picture && firstFrame(picture),
      solver,
      decoder: settings.decoder === 'tiny' && model.tiny ? { tiny: model.tiny } : undefined,
    },
    {
      activation,
      products,
      savings: true,
      residency,
      memoryBytes,
      signal,
      resume: resume?.state,
      embeddings,
      ...report,
      onRun: taking.onRun,
      onStage(stage) {
        if (stage === 'decode') previews?.destroy(); // it needs the memory
        report.onStage(stage);
      },
      onState:
        onState &&
        ((state) => {
          const clip = {
            ...run,
            hasImage: picture !== null,
            stepsDone: state.done,
            steps,
            savedAt: new Date().toISOString(),
          };
          return onState({ clip, state, image: picture });
        }),
      preview: previews && show ? { every: previewEvery, gpuBytes: previews.gpuBytes, onX0: show } : undefined,
      async onFrames(frames) {
        const pixels = framePixels(frames);
        await taking.take(() => onFrames(pixels));
        report.onDecoded(frames);
      },
    },
  ).finally(() => previews?.destroy());
  events.end();
  return {
    settings,
    model: run.model,
    modelFingerprint: await fingerprintOf(run),
    network: isWan22(networks) ? 'wan22-5b' : 'other',
    machine: context.device.machine,
    createdAt: new Date().toISOString(),
    promptTokens: prompts[0]!.length,
    framesPerSecond: info.framesPerSecond,
    activations: activationsName(activation, products),
    weights: weightsName(info.weights, products),
    offload: residency,
    stages: figuresOf(times, taking.seconds(), secondsSince(beganMs)),
    resumedSteps,
    peakGpuBytes: times.peakBytes,
  };
}

/** Lengths of the prompts that the text encoder is needed for. */
export async function notKept(
  prompts: readonly (readonly number[])[],
  embeddings: EmbeddingStore | undefined,
): Promise<number[]> {
  const kept = await Promise.all(prompts.map((ids) => embeddings?.get(ids)));
  return prompts.filter((_, i) => !kept[i]).map(({ length }) => length);
}

/** What can be refused before anything is loaded: input-invalid for settings and prompts, weights-missing for parts. */
export function checkWish(model: OpenedModel, { settings, image }: Pick<ClipWish, 'settings' | 'image'>): void {
  const { info } = model;
  checkClip(settings);
  checkKnown(model, settings);
  if (image && !info.takesImage)
    throw new AppError(
      'weights-missing',
      `A first frame was given, and ${info.label} has no encoder for it. Leave the picture out, or add a VAE with its encoder.`,
    );
  if (settings.decoder === 'tiny' && !info.hasTinyDecoder)
    throw new AppError(
      'weights-missing',
      `${info.label} has no tiny decoder. Choose the decoder vae, or add the file taew2_2.safetensors.`,
    );
}

/** Of the published sizes in all three networks. */
export const isWan22 = (networks: OpenedModel['networks']): boolean =>
  (['text', 'dit', 'vae'] as const).every((network) =>
    Object.entries(WAN22_SIZES[network]).every(
      ([name, size]) => String(networks[network][name as keyof object]) === String(size),
    ),
  );

const secondsSince = (beganMs: number) => (nowMs() - beganMs) / 1000;

/** `takingSeconds`: of decoding, while it waited for whoever took the frames. */
function figuresOf(
  { encode, image, denoise, decode }: ClipTimes,
  takingSeconds: number,
  seconds: number,
): ClipResult['stages'] {
  const measured = (seconds: number, samples = [seconds]): Figure => ({ kind: 'measured', seconds, samples });
  const ran = [encode, image, denoise, decode].filter((stage) => stage !== null);
  const running = (stage: StageTime | null) => stage && measured(stage.seconds - stage.loadSeconds);
  const steps = denoise?.steps.map((step) => step.seconds) ?? [];
  return {
    load: measured(ran.reduce((sum, { loadSeconds }) => sum + loadSeconds, 0)),
    encode: running(encode),
    image: running(image),
    step: steps.length > 0 ? measured(median(steps), steps) : null,
    decode: measured(decode.seconds - decode.loadSeconds - takingSeconds),
    total: measured(seconds),
  };
}
