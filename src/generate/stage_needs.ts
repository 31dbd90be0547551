/**
 * What each stage of a video takes, in time and in GPU memory, from the very
 * programs that would run, recorded without memory, and the tables of weights.
 */
import type { ClipSettings } from '../core/clip';
import { lowerBound } from '../core/cost';
import type { MemoryParts } from '../core/stage_memory';
import type { Program, RecorderOptions } from '../gpu/program';
import type { Rates } from '../gpu/rates';
import { ELEMENT_BYTES, externalTensor, tensorBytes } from '../gpu/tensor';
import type { Storing } from '../gpu/weight_tree';
import { checkpointStoring } from '../pipeline/checkpoint_source';
import { type ChunkPass, checkRoom, passBytes, programsOf } from '../pipeline/chunk_run';
import { plantCoder } from '../pipeline/coder_weights';
import { type DecodeModel, decodeModel, wholePass } from '../pipeline/decode_passes';
import { planDecode } from '../pipeline/decode_plan';
import { besidesWeights, recordDenoiser } from '../pipeline/denoiser_programs';
import { encodePass } from '../pipeline/encode_pass';
import { type SamplingState, solverBytes } from '../pipeline/sampling_state';
import { besidesTextWeights, recordTextEncoder } from '../pipeline/text_programs';
import { tinyModel, tinyPass, tinyPeakBytes } from '../pipeline/tiny_pass';
import { planWeights } from '../pipeline/weight_plan';
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
  /** Lengths of the prompts whose embeddings are not kept from before; all unless given. */
  readonly tokensToEncode?: readonly number[] | undefined;
  /** Go on from here: what is done takes nothing any more. */
  readonly resume?: Pick<SamplingState, 'done' | 'fixed'> | undefined;
  /** GPU memory that previews take between steps. */
  readonly previewBytes?: number | undefined;
}

export interface StageNeeds {
  /** Bringing what stays, before the GPU computes. */
  readonly loadSeconds: number;
  /** Of one step, or of the whole stage. */
  readonly seconds: number;
  readonly memory: MemoryParts;
  /** Passing through slots, each step or once. */
  readonly streamedBytes: number;
}

export interface StagesNeeds {
  /** Null where all embeddings are kept, or no steps are left. */
  readonly encode: StageNeeds | null;
  /** Null where no first frame is given, or its latents are kept. */
  readonly image: StageNeeds | null;
  /** Null where none is left. */
  readonly step: StageNeeds | null;
  readonly decode: StageNeeds;
}

/**
 * `storing`: the model's own weights unless given, as with LoRAs. Throws out-of-memory, or limit-too-low, with both
 * numbers where a stage does not fit.
 */
export function stagesNeeds(
  recorder: RecorderOptions,
  model: OpenedModel,
  clip: ClipSettings,
  placement: Placement,
  { ceiling, uploadBytesPerSecond }: Rates,
  storing: Storing = checkpointStoring(model.checkpoint),
): StagesNeeds {
  const { networks } = model;
  const shape = latentsShape(networks.dit.in_dim, clip);
  const solver = solverFor(clip);
  const promptTokens = promptIds(model, clip).map((ids) => ids.length);
  const computing = (programs: readonly Program[]) =>
    programs
      .flatMap(({ commands }) => commands)
      .reduce((sum, command) => sum + (command.kind === 'dispatch' ? lowerBound(command.cost, ceiling) : 0), 0);
  const bringing = (bytes: number) => bytes / uploadBytesPerSecond;
  const beside = (coder: { readonly bytes: number }, peakBytes: number): MemoryParts => ({
    weights: coder.bytes,
    slots: 0,
    activations: peakBytes - coder.bytes,
  });
  /** All chunks, of which all but the first are alike. */
  const ofChunks = ({ enter = [], main }: ChunkPass) =>
    computing([...enter, main[0]!]) + (shape[1] - 1) * computing(main.slice(1));

  function encodeNeeds(lengths: readonly number[]): StageNeeds {
    const recorded = recordTextEncoder(recorder, storing, networks.text, lengths);
    const { planted, programs } = recorded;
    const tokens = lengths.reduce((sum, count) => sum + count);
    const besides = besidesTextWeights(recorded, networks.text, tokens);
    const plan = planWeights(planted, [], [programs], besides, placement);
    const passing = planted.tiles.reduce((sum, { tensor }) => sum + tensorBytes(tensor), 0);
    return {
      loadSeconds: bringing(plan.smallBytes),
      seconds: Math.max(computing(programs), bringing(passing)),
      memory: { weights: plan.smallBytes, slots: plan.slotBytes * plan.slotCount, activations: besides },
      streamedBytes: passing,
    };
  }

  function imageNeeds(): StageNeeds {
    const coder = plantCoder(storing, (ask, kernel) => encoderWeights(ask, kernel, networks.vae));
    const encoder: DecodeModel = { config: networks.vae, coder, settings: recorder, savings: true };
    const [channels, , height, width] = shape;
    const frames = externalTensor('frames', [3, 1, 16 * height, 16 * width], 'f32');
    const latents = externalTensor('latents', [channels, 1, height, width], 'f32');
    const pass = encodePass(encoder, frames, latents);
    const ownBytes = tensorBytes(frames) + tensorBytes(latents);
    const peakBytes = ownBytes + Math.max(coder.loadingBytes, coder.bytes + passBytes(pass));
    checkRoom(`Encoding a first frame of ${clip.width}×${clip.height}`, peakBytes, placement.memoryBytes);
    return {
      loadSeconds: bringing(coder.bytes),
      seconds: computing(programsOf(pass)),
      memory: beside(coder, peakBytes),
      streamedBytes: 0,
    };
  }

  function stepNeeds(): StageNeeds {
    const [, frames, height, width] = shape;
    const grid = { frames, height: height / 2, width: width / 2 };
    const fixedTokens = placement.imageGiven ? grid.height * grid.width : 0;
    const denoiser = { grid, promptTokens, fixedTokens, steps: solver.steps.length };
    const later = solverBytes(solver, shape, placement.imageGiven) + (placement.previewBytes ?? 0);
    const recorded = recordDenoiser(recorder, storing, networks.dit, denoiser, {
      savings: true,
      residency: placement.residency,
      memoryBytes: placement.memoryBytes && placement.memoryBytes - later,
    });
    const { planted, programs, prompt, time } = recorded;
    const texts = promptTokens.reduce((sum, count) => sum + count) * networks.dit.text_dim * ELEMENT_BYTES.f32;
    const besides = besidesWeights(recorded) + texts + later;
    const plan = planWeights(planted, programs, [prompt, [time.program]], besides, placement);
    const weights = plan.smallBytes + plan.residentBytes;
    return {
      loadSeconds: bringing(weights) + computing([...prompt, time.program]),
      seconds: Math.max(computing(programs), bringing(plan.streamedBytes)),
      memory: { weights, slots: plan.slotBytes * plan.slotCount, activations: besides },
      streamedBytes: plan.streamedBytes,
    };
  }

  function decodeNeeds(): StageNeeds {
    const latents = externalTensor('latents', shape, 'f32');
    const limits = { memoryBytes: placement.memoryBytes, besidesBytes: tensorBytes(latents) };
    if (clip.decoder === 'tiny' && model.tiny) {
      const tiny = tinyModel(storing, model.tiny, recorder, true);
      const pass = tinyPass(tiny, latents);
      return {
        loadSeconds: bringing(tiny.coder.bytes),
        seconds: ofChunks(pass),
        memory: beside(tiny.coder, tinyPeakBytes(tiny, pass, limits)),
        streamedBytes: 0,
      };
    }
    const decoder = decodeModel(storing, networks.vae, recorder, true);
    const plan = planDecode(decoder, shape, limits);
    return {
      loadSeconds: bringing(decoder.coder.bytes),
      seconds: plan.work * ofChunks(wholePass(decoder, latents, plan.windowBytes)),
      memory: beside(decoder.coder, plan.peakBytes),
      streamedBytes: 0,
    };
  }

  const { imageGiven, resume, tokensToEncode = promptTokens } = placement;
  const stepsLeft = solver.steps.length - (resume?.done ?? 0);
  return {
    encode: stepsLeft > 0 && tokensToEncode.length > 0 ? encodeNeeds(tokensToEncode) : null,
    image: imageGiven && !resume?.fixed ? imageNeeds() : null,
    step: stepsLeft > 0 ? stepNeeds() : null,
    decode: decodeNeeds(),
  };
}
