/**
 * A video from a prompt, and from a first frame if one is given: what settings
 * mean for the networks, the pipeline run, its events, and its result.
 */
import { type ClipSettings, checkClip, type Picture } from '../core/clip';
import type { ClipPreview, ClipResult, FramePixels } from '../core/clip_run';
import { AppError } from '../core/errors';
import type { Emit } from '../core/events';
import { median } from '../core/median';
import type { Figure } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { checkpointSource } from '../pipeline/checkpoint_source';
import { type ClipOptions, type ClipTimes, type EmbeddingStore, makeClip, type StageTime } from '../pipeline/clip';
import { recorderOptions } from '../pipeline/options';
import { drawNoise } from '../sampling/noise';
import { solverFor } from '../sampling/solver';
import { framePixels } from './frame_pixels';
import { linearPreview } from './linear_preview';
import type { OpenedModel } from './model';
import { cropPicture, firstFrame } from './picture';
import { planStages, type StagesNeeds } from './plan';
import { checkKnown, promptIds } from './prompt';
import { type PlannedStage, type RunEvents, runEvents } from './run_events';
import { checkContinues, latentsShape, type Unfinished } from './unfinished';

export interface ClipWish {
  readonly settings: ClipSettings;
  /** As large as it is; cropped here. */
  readonly image: Picture | null;
  readonly residency: 'resident' | 'stream';
  /** GPU memory in all; undefined sets no bound. */
  readonly memoryBytes?: number | undefined;
  readonly activation: 'f32' | 'f16';
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
}

/** What a page gets of a PCIe 3 slot; a step's own time is measured soon. */
export const ASSUMED_UPLOAD_BYTES_PER_SECOND = 1.5e9;

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
  const { settings, residency, memoryBytes, activation, previewEvery } = wish;
  const { info, networks } = model;
  const { signal, emit = () => {}, onFrames, onPreview, resume, onState, embeddings } = options;
  const { uploadBytesPerSecond = ASSUMED_UPLOAD_BYTES_PER_SECOND } = options;
  const began = performance.now();
  checkClip(settings);
  checkParts(model, wish);
  checkKnown(model, settings.prompt);
  const prompts = promptIds(model, settings);
  const picture = (wish.image && cropPicture(wish.image, settings)) ?? resume?.image ?? null;
  if (resume) checkContinues(resume, settings, info.fingerprint, picture);

  const solver = solverFor(settings);
  const steps = solver.steps.length;
  const shape = latentsShape(networks.dit.in_dim, settings);
  const resumedSteps = resume?.state.done ?? 0;
  const placement = { residency, memoryBytes, imageGiven: picture !== null };
  const rates = { ceiling: context.runner.ceiling, uploadBytesPerSecond };
  const needs = planStages(recorderOptions(context, activation), model, settings, placement, rates);
  const events = runEvents(emit, settings.prompt, plannedStages(needs, steps - resumedSteps, resume !== undefined));
  const report = stageReport(events, settings, resumedSteps, steps);
  const source = checkpointSource(context, model.checkpoint);
  const { linear } = model;

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
    },
    {
      activation,
      savings: true,
      residency,
      memoryBytes,
      signal,
      resume: resume?.state,
      embeddings,
      ...report,
      onState:
        onState &&
        ((state) => {
          const clip = {
            settings,
            model: info.label,
            modelFingerprint: info.fingerprint,
            hasImage: picture !== null,
            stepsDone: state.done,
            steps,
            savedAt: new Date().toISOString(),
          };
          return onState({ clip, state, image: picture });
        }),
      preview:
        onPreview && linear && previewEvery > 0
          ? { every: previewEvery, onX0: (x0, step) => onPreview(linearPreview(linear, x0, shape, step)) }
          : undefined,
      async onFrames(frames) {
        await onFrames(framePixels(frames));
        report.onDecoded(frames);
      },
    },
  );
  events.end();
  return {
    settings,
    model: info.label,
    modelFingerprint: info.fingerprint,
    machine: context.device.machine,
    createdAt: new Date().toISOString(),
    promptTokens: prompts[0]!.length,
    framesPerSecond: info.framesPerSecond,
    activations: activation,
    weights: info.weights,
    offload: residency,
    stages: figuresOf(times, (performance.now() - began) / 1000),
    resumedSteps,
    peakGpuBytes: times.peakBytes,
  };
}

function checkParts({ info }: OpenedModel, { settings, image }: ClipWish): void {
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

/** Embeddings and the first frame of a resumed run are mostly there. */
function plannedStages({ encode, image, step, decode }: StagesNeeds, steps: number, resumed: boolean): PlannedStage[] {
  const before = resumed
    ? []
    : [
        { stage: 'encode' as const, needs: encode },
        { stage: 'image' as const, needs: image },
      ];
  return [
    ...before.flatMap(({ stage, needs }) => (needs ? { stage, seconds: needs.loadSeconds + needs.seconds } : [])),
    { stage: 'load', seconds: step.loadSeconds },
    { stage: 'denoise', seconds: steps * step.seconds },
    { stage: 'decode', seconds: decode.loadSeconds + decode.seconds },
  ];
}

/** The pipeline's callbacks as events: loading the transformer is told apart from its steps. */
function stageReport(events: RunEvents, { width, height, frames }: ClipSettings, resumed: number, steps: number) {
  const detail = `${width} × ${height} × ${frames}`;
  let stage: 'encode' | 'image' | 'load' | 'denoise' | 'decode' | null = null;
  let decoded = 0;
  const begin = (next: NonNullable<typeof stage>) => {
    stage = next;
    events.begin(next);
  };
  const beginSteps = () => {
    if (stage !== 'load') return;
    begin('denoise');
    events.progress(resumed, steps, detail);
  };
  return {
    onStage: (next) => begin(next === 'denoise' ? 'load' : next),
    onBlock: (done, total) => {
      if (stage === 'encode') events.progress(done, total, detail);
    },
    onLoad: (bytes, total) => {
      if (stage !== 'load') return;
      events.progress(bytes, total, detail);
      if (bytes === total) beginSteps();
    },
    onStep: (done) => {
      beginSteps();
      events.progress(done, steps, detail);
    },
    onDecoded: (part: Pick<FramePixels, 'frameCount' | 'width' | 'height'>) => {
      decoded += part.frameCount * part.width * part.height;
      events.progress(decoded / (width * height), frames, detail);
    },
  } satisfies Partial<ClipOptions> & Record<string, unknown>;
}

function figuresOf({ encode, image, denoise, decode }: ClipTimes, seconds: number): ClipResult['stages'] {
  const measured = (seconds: number, samples = [seconds]): Figure => ({ kind: 'measured', seconds, samples });
  const ran = [encode, image, denoise, decode].filter((stage) => stage !== null);
  const running = (stage: StageTime | null) => stage && measured(stage.seconds - stage.loadSeconds);
  const steps = denoise?.steps.map((step) => step.seconds) ?? [];
  return {
    load: measured(ran.reduce((sum, { loadSeconds }) => sum + loadSeconds, 0)),
    encode: running(encode),
    image: running(image),
    step: steps.length > 0 ? measured(median(steps), steps) : null,
    decode: running(decode)!,
    total: measured(seconds),
  };
}
