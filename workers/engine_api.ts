/**
 * What the engine worker offers the page, through comlink. Types only, so that
 * `src/app` can name them without loading the engine.
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
  /** Of the matrix: measured after all else, three steps each, and put into the result's `cases`. */
  readonly cases?: Omit<CasesChoice, 'steps'> | null;
}

/** Weights out of the worker's memory, of the real sizes; or a checkpoint's files, by the loader's keys. */
export type WeightChoice =
  | { readonly kind: 'memory'; readonly type: SynthType }
  | { readonly kind: 'files'; readonly keys: readonly SourceKey[] };

export interface StreamingChoice {
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
    };

export interface LoraChoice {
  readonly keys: readonly SourceKey[];
  /** 1 as trained; 0 is without it; below 0 is away from it. */
  readonly strength: number;
}

export interface ClipChoice {
  readonly model: VideoModelChoice;
  readonly settings: ClipSettings;
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
  onFrames(frames: FramePixels): void;
  onPreview(preview: ClipPreview): void;
}

/** One of the runs that were not finished, by the id it is kept under. */
export interface UnfinishedRun {
  readonly id: string;
  readonly clip: UnfinishedClip;
}

/** The part of the engine that makes videos. */
export interface ClipApi {
  /** Opens a model's headers, tokenizer and sizes; it stays open until another one is, or a run with it ends. Throws weights-missing for what it lacks. */
  openModel(choice: VideoModelChoice): Promise<VideoModel>;
  readPrompt(model: VideoModelChoice, prompt: string, tokenizer: ClipSettings['tokenizer']): Promise<PromptReading>;
  /** The picture as the model will see it. */
  cropPicture(picture: Picture, size: ClipSize): Promise<Picture>;
  /** One for each size, with the choice's other settings. */
  planClips(choice: ClipChoice, sizes: readonly ClipSize[]): Promise<ClipPlan[]>;
  /** Frames come by `onFrames` while they are decoded. After every step what `resumeClip` needs is kept in the browser. */
  makeClip(choice: ClipChoice, listeners: ClipListeners): Promise<ClipResult>;
  /** Of the runs that this browser did not finish the one that began last, if there is one. The last few are kept. */
  unfinishedClip(): Promise<UnfinishedRun | null>;
  /** Goes on after its last finished step. The model must be the same; throws weights-missing where it is not. */
  resumeClip(id: string, model: VideoModelChoice, listeners: ClipListeners): Promise<ClipResult>;
  discardUnfinished(id: string): Promise<void>;
}

export interface EngineApi extends ClipApi {
  /** Resolves once the lock of this name is held, until the worker's end. */
  holdLife(name: string): Promise<void>;
  /** Opens the device on first use. Throws AppError webgpu-missing, adapter-refused or limit-too-low; whatever runs throws gpu-busy while another tab does. */
  machine(): Promise<Machine>;
  /** What each kind of run will take, before one begins. */
  plan(): Promise<BenchmarkPlan>;
  /** On a device that is not tuned yet, its first stage is `tune`. */
  benchmark(choice: BenchmarkChoice, onEvent: (event: RunEvent) => void): Promise<BenchmarkResult>;
  /** Ends that stage with what it knows so far; nothing of it is kept. */
  skipTuning(): Promise<void>;
  /** Runs the goldens shipped under `public/golden/`. */
  selfCheck(onEvent: (event: RunEvent) => void, onRow: (row: CheckRow) => void): Promise<CheckRow[]>;
  /** Weights are read over this port, from the loader worker at its other end; a later port takes its place. */
  connectLoader(port: MessagePort): Promise<void>;
  /** The loader is gone: what is being read fails with weights-missing. */
  disconnectLoader(): Promise<void>;
  /** GPU memory that can be had, by trying. Some systems grant more than they have. */
  probeMemory(): Promise<number>;
  /** Throws out-of-memory with both numbers where the memory allowed is too little, weights-missing for a checkpoint without a transformer. */
  planStreaming(choice: StreamingChoice): Promise<StreamingOutlook>;
  /** Guided steps of the transformer with its weights placed as chosen. For files, `connectLoader` first. */
  measureStreaming(choice: StreamingChoice, onEvent: (event: RunEvent) => void): Promise<StreamingResult>;
  /** In the order in which they would run, those that cannot be with their reasons. Throws input-invalid for what is no clip or batch. */
  planCases(choice: CasesChoice): Promise<CasePlan[]>;
  /** `onCase` is told each case as it is done; after a stop, which rejects, that is what is kept. */
  measureCases(
    choice: CasesChoice,
    onEvent: (event: RunEvent) => void,
    onCase: (result: CaseResult) => void,
  ): Promise<CaseResult[]>;
  /** What the files hold, by the loader's keys. */
  inspect(keys: readonly SourceKey[]): Promise<Inspection>;
  /** Ends the current run at the next submit; its promise rejects with AppError `cancelled`. */
  stop(): Promise<void>;
}
