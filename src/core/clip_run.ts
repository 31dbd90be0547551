/** What a run that makes a video tells while it goes on and when it ends. Plain data: it crosses workers and is kept. */
import type { ClipSettings } from './clip';
import type { Products } from './products';
import type { Figure, Machine } from './result';
import type { StageMemory } from './stage_memory';

/** A model that makes videos, opened as far as its headers. */
export interface VideoModel {
  readonly label: string;
  /** Of all its files: embeddings and unfinished runs of one model are not another's. */
  readonly fingerprint: string;
  readonly defaults: ClipSettings;
  readonly framesPerSecond: number;
  /** Tokens of a prompt, the end token with them; 512, the demo model's 48. */
  readonly mostPromptTokens: number;
  /** Example prompts, and the words it knows by kind, where it knows few; empty for Wan2.2. */
  readonly examples: readonly string[];
  readonly knownWords: readonly { readonly kind: string; readonly words: readonly string[] }[];
  /** Sizes it was trained for or that are usual, smallest first. */
  readonly sizes: readonly ClipSize[];
  /** A first frame can be given: the checkpoint has the video encoder. */
  readonly takesImage: boolean;
  /** The tiny decoder is there, for previews and as the fast final decoder. */
  readonly hasTinyDecoder: boolean;
  /** What previews are made with: 'linear' is a projection of the latents to colours. Null: there are none. */
  readonly preview: 'tiny' | 'linear' | null;
  /** Types of the transformer's weights as stored, most bytes first, for the result's key: 'bf16', 'q8_0 f16'. */
  readonly weights: string;
}

export interface ClipSize {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** What settings would take here, told before the run; from the cost model and the rates measured or assumed so far. */
export interface ClipPlan {
  readonly size: ClipSize;
  readonly tokens: number;
  readonly encodeSeconds: number;
  readonly stepSeconds: number;
  readonly steps: number;
  readonly decodeSeconds: number;
  readonly seconds: number;
  readonly peakBytes: number;
  /** Null where it cannot be made. */
  readonly memory: StageMemory | null;
  /** Bytes that each step brings to the GPU; 0 where all weights stay. */
  readonly streamedBytesPerStep: number;
  /** Why it cannot be made here: an AppError's message, with both numbers. Null: it can. */
  readonly impossible: string | null;
}

/**
 * Where some frames of a video belong: whole frames, or with a tiled decoder a rectangle of them; then all rectangles of
 * a clip come in any order, each with all its frames in order.
 */
export interface FramePlace {
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** RGBA, frame after frame, row by row. */
export interface FramePixels extends FramePlace {
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Of the current x0 prediction; `rough` where a linear projection made it. */
export interface ClipPreview {
  readonly step: number;
  readonly width: number;
  readonly height: number;
  readonly frameCount: number;
  readonly rough: boolean;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** What a finished run took. The frames came before it. */
export interface ClipResult {
  readonly settings: ClipSettings;
  readonly model: string;
  readonly modelFingerprint: string;
  /** Of the shapes of Wan2.2 TI2V-5B, whatever its weights: only then is it the work that others publish. */
  readonly network: 'wan22-5b' | 'other';
  readonly machine: Machine;
  readonly createdAt: string;
  readonly promptTokens: number;
  readonly framesPerSecond: number;
  /** 'f32' or 'f16', and what else core/products.ts adds. */
  readonly activations: string;
  readonly weights: string;
  readonly offload: 'resident' | 'stream';
  readonly stages: {
    /** Opening files and loading what stays. */
    readonly load: Figure;
    /** Null where the embeddings were kept from an earlier run. */
    readonly encode: Figure | null;
    /** Of the given first frame. */
    readonly image: Figure | null;
    /** Samples: every step of this session. Null where an earlier one had done all. */
    readonly step: Figure | null;
    /** Up to pixels: without the time in which whoever takes the frames converts and writes them. */
    readonly decode: Figure;
    /** Of this session, with that, too, and with what it tried before it took less memory. */
    readonly total: Figure;
  };
  /** Steps that an earlier, interrupted session had done. */
  readonly resumedSteps: number;
  readonly peakGpuBytes: number;
}

/** As it is kept and saved. */
export interface SavedClip extends ClipResult {
  readonly schema: 'wanscope-video';
  readonly version: 1;
  readonly id: string;
  /** What its owner calls it; '' where it has no name. */
  readonly name: string;
}

/** A run that was stopped, crashed or lost its device, as it was after its last finished step. */
export interface UnfinishedClip {
  readonly settings: ClipSettings;
  readonly model: string;
  readonly modelFingerprint: string;
  /** Of its LoRAs and their strengths; null without. */
  readonly lorasFingerprint: string | null;
  /** Of the steps that are done; not known of files from before it was kept. */
  readonly activation?: 'f32' | 'f16' | undefined;
  readonly products?: Products | undefined;
  readonly hasImage: boolean;
  readonly stepsDone: number;
  readonly steps: number;
  readonly savedAt: string;
}
