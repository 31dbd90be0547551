/**
 * What settings would take on this machine, told before they run: from the very
 * programs that would run, recorded without memory, and the tables of weights.
 */
import { type ClipSettings, checkClip, tokensOfClip } from '../core/clip';
import type { ClipPlan } from '../core/clip_run';
import { type Ceiling, lowerBound } from '../core/cost';
import { AppError } from '../core/errors';
import type { Program, RecorderOptions } from '../gpu/program';
import { ELEMENT_BYTES, elements, externalTensor, tensorBytes } from '../gpu/tensor';
import type { Storing } from '../gpu/weight_tree';
import { checkpointStoring } from '../pipeline/checkpoint_source';
import { passBytes, programsOf } from '../pipeline/chunk_run';
import { plantCoder } from '../pipeline/coder_weights';
import { type DecodeModel, decodeModel, wholePass } from '../pipeline/decode_passes';
import { planDecode } from '../pipeline/decode_plan';
import { besidesWeights, recordDenoiser } from '../pipeline/denoiser_programs';
import { encodePass } from '../pipeline/encode_pass';
import { keptSlots } from '../pipeline/sampling_state';
import { besidesTextWeights, recordTextEncoder } from '../pipeline/text_programs';
import { type Planted, planWeights } from '../pipeline/weight_plan';
import { solverFor } from '../sampling/solver';
import { encoderWeights } from '../vae/weights';
import type { OpenedModel } from './model';
import { promptIds } from './prompt';
import { latentsShape } from './unfinished';

export interface Placement {
  readonly residency: 'resident' | 'stream';
  /** GPU memory in all; undefined sets no bound. */
  readonly memoryBytes?: number | undefined;
  readonly imageGiven: boolean;
}

/** How fast this machine computes and takes weights, as far as it is known. */
export interface Rates {
  readonly ceiling: Ceiling;
  readonly uploadBytesPerSecond: number;
}

/** A stage before it runs. */
interface StageNeeds {
  /** Bringing what stays, before the GPU computes. */
  readonly loadSeconds: number;
  /** Of one step, or of the whole stage. */
  readonly seconds: number;
  readonly peakBytes: number;
  /** Passing through slots, each step or once. */
  readonly streamedBytes: number;
}

export interface StagesNeeds {
  readonly encode: StageNeeds;
  readonly image: StageNeeds | null;
  readonly step: StageNeeds;
  readonly decode: StageNeeds;
}

/**
 * A plan never throws for what does not fit: `impossible` says why. Throws input-invalid for settings that cannot be.
 * `storing`: the model's own weights unless given, as with LoRAs.
 */
export function planClip(
  recorder: RecorderOptions,
  model: OpenedModel,
  clip: ClipSettings,
  placement: Placement,
  rates: Rates,
  storing?: Storing,
): ClipPlan {
  checkClip(clip);
  const { width, height, frames } = clip;
  const steps = solverFor(clip).steps.length;
  const common = { size: { width, height, frames }, tokens: tokensOfClip(clip), steps };
  try {
    const { encode, image, step, decode } = planStages(recorder, model, clip, placement, rates, storing);
    const before = encode.loadSeconds + encode.seconds + (image ? image.loadSeconds + image.seconds : 0);
    const after = decode.loadSeconds + decode.seconds;
    return {
      ...common,
      encodeSeconds: before,
      stepSeconds: step.seconds,
      decodeSeconds: after,
      seconds: before + step.loadSeconds + steps * step.seconds + after,
      peakBytes: Math.max(...[encode, image, step, decode].map((stage) => stage?.peakBytes ?? 0)),
      streamedBytesPerStep: step.streamedBytes,
      impossible: null,
    };
  } catch (failure) {
    if (!(failure instanceof AppError) || !['out-of-memory', 'limit-too-low'].includes(failure.code)) throw failure;
    const nothing = { encodeSeconds: 0, stepSeconds: 0, decodeSeconds: 0, seconds: 0, peakBytes: 0 };
    return { ...common, ...nothing, streamedBytesPerStep: 0, impossible: failure.message };
  }
}

/** Throws out-of-memory, or limit-too-low, with both numbers where a stage does not fit. */
export function planStages(
  recorder: RecorderOptions,
  { networks, checkpoint, ...reader }: OpenedModel,
  clip: ClipSettings,
  placement: Placement,
  { ceiling, uploadBytesPerSecond }: Rates,
  storing: Storing = checkpointStoring(checkpoint),
): StagesNeeds {
  const shape = latentsShape(networks.dit.in_dim, clip);
  const lengths = promptIds(reader, clip).map((ids) => ids.length);
  const computing = (programs: readonly Program[]) =>
    programs
      .flatMap(({ commands }) => commands)
      .reduce((sum, command) => sum + (command.kind === 'dispatch' ? lowerBound(command.cost, ceiling) : 0), 0);
  const bringing = (bytes: number) => bytes / uploadBytesPerSecond;

  const encode = (): StageNeeds => {
    const recorded = recordTextEncoder(recorder, storing, networks.text, lengths);
    const { planted, programs } = recorded;
    const besides = besidesTextWeights(
      recorded,
      networks.text,
      lengths.reduce((sum, length) => sum + length),
    );
    const plan = planWeights(planted, [], [programs], besides, placement);
    const passing = tileBytes(planted);
    return {
      loadSeconds: bringing(plan.smallBytes),
      seconds: Math.max(computing(programs), bringing(passing)),
      peakBytes: besides + plan.smallBytes + plan.slotBytes * plan.slotCount,
      streamedBytes: passing,
    };
  };

  const step = (): StageNeeds => {
    const [, latentFrames, height, width] = shape;
    const grid = { frames: latentFrames, height: height / 2, width: width / 2 };
    const solver = solverFor(clip);
    const fixedTokens = placement.imageGiven ? grid.height * grid.width : 0;
    const denoiserShape = { grid, promptTokens: lengths, fixedTokens, steps: solver.steps.length };
    const options = { savings: true, residency: placement.residency };
    const recorded = recordDenoiser(recorder, storing, networks.dit, denoiserShape, options);
    const { planted, programs, prompt, time } = recorded;
    // The solver's own beside the latents, which are the denoiser's.
    const kept = (keptSlots(solver).length - 1) * elements(shape) * ELEMENT_BYTES.f32;
    const besides = besidesWeights(recorded) + kept;
    const plan = planWeights(planted, programs, [prompt, [time.program]], besides, placement);
    const slots = plan.slotBytes * plan.slotCount;
    return {
      loadSeconds: bringing(plan.smallBytes + plan.residentBytes) + computing([...prompt, time.program]),
      seconds: Math.max(computing(programs), bringing(plan.streamedBytes)),
      peakBytes: besides + plan.smallBytes + plan.residentBytes + slots,
      streamedBytes: plan.streamedBytes,
    };
  };

  const decode = (): StageNeeds => {
    const model = decodeModel(storing, networks.vae, recorder, true);
    const latents = externalTensor('latents', shape, 'f32');
    const plan = planDecode(model, shape, { memoryBytes: placement.memoryBytes, besidesBytes: tensorBytes(latents) });
    const { enter = [], main } = wholePass(model, latents, plan.windowBytes);
    const [first, next = first] = main;
    return {
      loadSeconds: bringing(model.coder.bytes),
      seconds: plan.work * (computing([...enter, first!]) + (shape[1] - 1) * computing([next!])),
      peakBytes: plan.peakBytes,
      streamedBytes: 0,
    };
  };

  return { encode: encode(), image: placement.imageGiven ? imageNeeds() : null, step: step(), decode: decode() };

  function imageNeeds(): StageNeeds {
    const model = encoderModel(storing, recorder, networks.vae);
    const [channels, , height, width] = shape;
    const frames = externalTensor('frames', [3, 1, 16 * height, 16 * width], 'f32');
    const latents = externalTensor('latents', [channels, 1, height, width], 'f32');
    const pass = encodePass(model, frames, latents);
    return {
      loadSeconds: bringing(model.coder.bytes),
      seconds: computing(programsOf(pass)),
      peakBytes: tensorBytes(frames) + tensorBytes(latents) + model.coder.bytes + passBytes(pass),
      streamedBytes: 0,
    };
  }
}

const encoderModel = (storing: Storing, settings: RecorderOptions, config: DecodeModel['config']): DecodeModel => ({
  config,
  settings,
  savings: true,
  coder: plantCoder(storing, (ask, kernel) => encoderWeights(ask, kernel, config)),
});

const tileBytes = ({ tiles }: Planted) => tiles.reduce((sum, { tensor }) => sum + tensorBytes(tensor), 0);
