/**
 * What the engine worker offers the page, through comlink. Types only, so that
 * `src/app` can name them without loading the engine. docs/engine-api.md goes
 * through the calls one by one, with examples.
 */
import type { CaseMatrix } from '../src/bench/cases';
import type { StepsPlan } from '../src/bench/guided_steps';
import type { CasePlan } from '../src/bench/plan_case';
import type { WholeWeights } from '../src/bench/protocol';
import type { StreamingResult } from '../src/bench/streaming';
import type { ClipSettings, Picture } from '../src/core/clip';
import type {
  ClipPlan,
  ClipPreview,
  ClipResult,
  ClipSize,
  FramePixels,
  UnfinishedClip,
  VideoModel,
} from '../src/core/clip_run';
import type { RunEvent } from '../src/core/events';
import type { BenchmarkResult, CaseResult, CheckRow, Machine } from '../src/core/result';
import type { BenchmarkPlan } from '../src/core/run_plan';
import type { SynthType } from '../src/pipeline/synth_bytes';
import type { Inspection } from '../src/weights/inspection';
import type { SourceKey } from './byte_port';

export type { CasePlan, CaseResult, CheckRow, Inspection, Picture, SourceKey, StreamingResult, WholeWeights };

/** One benchmark: its kind, and of its clip what is not left to the engine. */
export interface BenchmarkChoice {
  readonly mode: BenchmarkResult['mode'];
  /** A preset id, or null: the largest whose clip stays within the plan's `clipSeconds`; where none does, slices only, and in Full the smallest. */
  readonly preset: string | null;
  /** Measured steps, after one that warms up; in Full all. Null for the plan's. */
  readonly steps: number | null;
  /** GPU memory that Full may take; null takes what there is. */
  readonly memoryBytes?: number | null;
  /** Of Full; bf16 unless told otherwise. */
  readonly weights?: WholeWeights;
}

/** Weights out of the worker's memory, of the real sizes; or a checkpoint's files, by the loader's keys. */
export type WeightChoice =
  | { readonly kind: 'memory'; readonly type: SynthType }
  | { readonly kind: 'files'; readonly keys: readonly SourceKey[] };

/** Guided steps of the transformer, with its weights in GPU memory or passing through it. */
export interface StreamingChoice {
  /** '832x480x33': of the presets or not. */
  readonly preset: string;
  readonly weights: WeightChoice;
  readonly residency: 'resident' | 'stream';
  /** GPU memory for the transformer in all; null sets no bound, and then streaming keeps nothing. */
  readonly memoryBytes: number | null;
  /** Measured steps; one more warms up. */
  readonly steps: number;
}

/** What a choice means, told before it runs. */
export interface StreamingOutlook extends Omit<StepsPlan, 'cost' | 'largestBytes'> {
  /** One guided step's computing, from the cost model and the rate measured or assumed so far. */
  readonly stepSeconds: number;
  readonly uploadBytesPerSecond: number;
}

/** Every combination of these is a case. */
export interface CasesChoice extends Omit<CaseMatrix, 'clips'> {
  /** '832x480x33': of the presets or not. */
  readonly presets: readonly string[];
  /** Measured steps of each case; one more warms up. */
  readonly steps: number;
}

/** The model that makes a video: the one that comes with the app, or a checkpoint's files by the loader's keys. */
export type VideoModelChoice =
  | { readonly kind: 'demo' }
  | {
      readonly kind: 'files';
      /** Of all networks: text encoder, transformer, video coder, tiny decoder; and a tokenizer's file, if it has its own. */
      readonly keys: readonly SourceKey[];
      /** A tokenizer's file that was chosen beside them, whatever it is called; null: theirs. */
      readonly tokenizer: SourceKey | null;
    };

/** A LoRA's files, and how much of it is added. */
export interface LoraChoice {
  readonly keys: readonly SourceKey[];
  /** 1 as trained; 0 is without it; below 0 is away from it. */
  readonly strength: number;
}

/** One video: what it is made with and from, and where the transformer's weights are meanwhile. */
export interface ClipChoice {
  readonly model: VideoModelChoice;
  readonly settings: ClipSettings;
  /** The first frame, as large as it is; null for none. */
  readonly image: Picture | null;
  readonly loras: readonly LoraChoice[];
  readonly residency: 'resident' | 'stream';
  /** GPU memory in all; null sets no bound. */
  readonly memoryBytes: number | null;
  /** A preview after every so many steps; 0 for none. */
  readonly previewEvery: number;
}

/** How a prompt is read. */
export interface PromptReading {
  readonly tokens: number;
  readonly limit: number;
  /** The end of the cleaned prompt that does not fit; '' where all does. */
  readonly cut: string;
  /** Words or characters that the vocabulary has no token for. */
  readonly unknown: readonly string[];
}

/** Called as a video is made; pixels are transferred. */
export interface ClipListeners {
  onEvent(event: RunEvent): void;
  /** As they are decoded: whole frames, or with a tiled decoder rectangles of them. */
  onFrames(frames: FramePixels): void;
  /** After every `previewEvery` steps but the last. */
  onPreview(preview: ClipPreview): void;
}

/** One of the runs that were not finished, by the id it is kept under. */
export interface UnfinishedRun {
  readonly id: string;
  readonly clip: UnfinishedClip;
}

/**
 * The part of the engine that makes videos. What names a model opens it, and throws what `openModel` does;
 * files are read over the loader's port.
 */
export interface ClipApi {
  /**
   * Opens a model's headers, tokenizer and sizes; it stays open until another one is, or a run with it ends. Throws
   * weights-missing for what it lacks, shape-mismatch for networks that do not fit each other, file-invalid, and what
   * the loader throws.
   */
  openModel(choice: VideoModelChoice): Promise<VideoModel>;
  /** Lets its files go, once no run reads them; asked for again it is opened anew. What is stored can be deleted then. */
  closeModel(): Promise<void>;
  /** Cleaned and cut into tokens as the model does it. No GPU is needed. */
  readPrompt(model: VideoModelChoice, prompt: string, tokenizer: ClipSettings['tokenizer']): Promise<PromptReading>;
  /** The picture as the model will see it: resized until it covers the size, and cropped. Throws shape-mismatch for pixels that are not of its size. */
  cropPicture(picture: Picture, size: ClipSize): Promise<Picture>;
  /**
   * One for each size, with the choice's other settings. What does not fit is no error: its plan says why. Throws
   * input-invalid for settings that cannot be, weights-missing and file-invalid for LoRAs that are none, and where it
   * measures rates as `planStreaming`.
   */
  planClips(choice: ClipChoice, sizes: readonly ClipSize[]): Promise<ClipPlan[]>;
  /**
   * A run. Frames come by `onFrames` while they are decoded. After every step what `resumeClip` needs is kept in the
   * browser. Throws input-invalid for settings that cannot be and for a prompt of unknown words alone, weights-missing
   * for a part that the model lacks, out-of-memory, limit-too-low, not-finite.
   */
  makeClip(choice: ClipChoice, listeners: ClipListeners): Promise<ClipResult>;
  /** Of the videos that this browser did not finish the one that began last, if there is one. The last few are kept. */
  unfinishedClip(): Promise<UnfinishedRun | null>;
  /** A run. Goes on after its last finished step. Throws input-invalid where it is not kept any more, or the model is another. */
  resumeClip(id: string, model: VideoModelChoice, listeners: ClipListeners): Promise<ClipResult>;
  /** Its kept state is deleted; none of that id is no error. */
  discardUnfinished(id: string): Promise<void>;
}

/**
 * All that the engine does. Whatever throws throws an AppError, whose code crosses the wire (error_transfer.ts).
 *
 * One run at a time: a second one throws input-invalid, and gpu-busy while another tab has one. A run rejects with
 * cancelled after `stop` and with device-lost when the device is, and gives back all GPU memory however it ends. Any
 * call that needs the device opens it, and throws what `machine` does.
 */
export interface EngineApi extends ClipApi {
  /** No call of the engine's: how the page learns of the worker's end (hold_life.ts). */
  readonly holdLife: (name: string) => Promise<void>;
  /** Opens the device on first use. Throws webgpu-missing or adapter-refused. */
  machine(): Promise<Machine>;
  /** What each kind of run will take, before one begins. */
  plan(): Promise<BenchmarkPlan>;
  /**
   * A run. On a device that is not tuned yet, its first stage is `tune`. Throws input-invalid for a preset that
   * cannot be, limit-too-low and out-of-memory with both numbers, not-finite, shader-invalid, gpu-failed.
   */
  benchmark(choice: BenchmarkChoice, onEvent: (event: RunEvent) => void): Promise<BenchmarkResult>;
  /** Ends that stage with what it knows so far; nothing of it is kept. Of no effect at any other time. */
  skipTuning(): Promise<void>;
  /**
   * A run of the goldens shipped under `public/golden/`, in f32 and, where the device computes in it, in f16. A file that
   * fails is a row that did not pass. Throws network-failed or weights-missing where a file cannot be fetched.
   */
  selfCheck(onEvent: (event: RunEvent) => void, onRow: (row: CheckRow) => void): Promise<CheckRow[]>;
  /** Weights are read over this port, from the loader worker at its other end; a later port takes its place. */
  connectLoader(port: MessagePort): Promise<void>;
  /** The loader is gone: what is being read fails with weights-missing. */
  disconnectLoader(): Promise<void>;
  /** A run. GPU memory that can be had beside what is in use, in bytes, by trying. Some systems grant more than they have. */
  probeMemory(): Promise<number>;
  /**
   * What a choice means. Measures this device's rates on first use, which takes seconds. Throws out-of-memory with both
   * numbers where the memory allowed is too little, weights-missing for a checkpoint without a transformer,
   * input-invalid for what is no clip, and where the rates are not known and a run is in progress; gpu-busy where another
   * tab has one.
   */
  planStreaming(choice: StreamingChoice): Promise<StreamingOutlook>;
  /** A run: guided steps of the transformer with its weights placed as chosen. For files, `connectLoader` first. Throws as `planStreaming`, and not-finite. */
  measureStreaming(choice: StreamingChoice, onEvent: (event: RunEvent) => void): Promise<StreamingResult>;
  /** In the order in which they would run, those that cannot be with their reasons. Throws input-invalid for what is no clip or batch, and as `planStreaming`. */
  planCases(choice: CasesChoice): Promise<CasePlan[]>;
  /** A run. `onCase` is told each case as it is done; after a stop, which rejects, that is what is kept. A case that fails is a row that says why. */
  measureCases(
    choice: CasesChoice,
    onEvent: (event: RunEvent) => void,
    onCase: (result: CaseResult) => void,
  ): Promise<CaseResult[]>;
  /** What the files hold, by the loader's keys; only their headers are read. Throws file-invalid, and what the loader throws. */
  inspect(keys: readonly SourceKey[]): Promise<Inspection>;
  /** Ends the current run at the next submit; its promise rejects with cancelled. Without a run of no effect. */
  stop(): Promise<void>;
}
