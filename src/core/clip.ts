/**
 * What a video is made from: the settings of one clip, what is wrong with them,
 * and the line of text that carries them. Pure, so that the page, the worker
 * and the command line say the same.
 */
import { AppError, excerpt } from './errors';

export const SOLVERS = ['unipc', 'dpm++', 'euler'] as const;
/** `even`: as many steps as wanted, pushed by the shift. The others are what distilled checkpoints were trained for. */
export const SCHEDULES = ['even', 'fastwan', 'turbo'] as const;
export const DECODERS = ['vae', 'tiny'] as const;
/**
 * Which program's token ids a prompt becomes. `fast`: Hugging Face's, which Wan2.2 uses: characters that the vocabulary
 * lacks are one `<unk>`. `sentencepiece`: Google's, which ComfyUI uses: they become their bytes.
 */
export const TOKENIZERS = ['fast', 'sentencepiece'] as const;

/**
 * Which random generator a seed means: PyTorch's on a CPU, or that of a CUDA card with so many multiprocessors: `cuda-132`
 * for an H100 or H200 of 2048 threads each, `cuda-142x1536` for an L40S, whose have 1536.
 */
export type NoiseKind = 'torch-cpu' | `cuda-${number}` | `cuda-${number}x1536`;

export interface ClipSettings {
  readonly prompt: string;
  readonly negativePrompt: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Ignored where the schedule has its own. */
  readonly steps: number;
  readonly solver: (typeof SOLVERS)[number];
  readonly schedule: (typeof SCHEDULES)[number];
  readonly shift: number;
  /** 1 for none: half the work, and the negative prompt is not read. */
  readonly guidance: number;
  readonly seed: number;
  readonly noise: NoiseKind;
  readonly decoder: (typeof DECODERS)[number];
  readonly tokenizer: (typeof TOKENIZERS)[number];
}

/** An opened picture, RGBA row by row, as large as it is: it is resized and cropped as the published code does it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Width and height go by 16 in the video coder and by 2 more in the transformer's patches. */
export const SIZE_STEP = 32;
/** Beyond these no published model of the kind was trained; they keep a slip of the keyboard from asking for a year. */
export const MOST_PIXELS = 1280 * 1280;
const MOST_FRAMES = 321;
/** Prompts may be long; the model reads the first 512 tokens. */
export const MOST_PROMPT_CHARACTERS = 20_000;
const MOST_STEPS = 1000;

/** A setting that cannot be, and the nearest that can. `code` picks the words on the page. */
export interface ClipProblem {
  readonly setting: keyof ClipSettings;
  readonly code: 'not-a-number' | 'size-step' | 'too-many-pixels' | 'frames-step' | 'out-of-range' | 'unknown';
  readonly value: string;
  /** What would do instead: '96', '17 or 21', '1–1000'. */
  readonly instead: string;
}

type Size = Pick<ClipSettings, 'width' | 'height' | 'frames'>;

function sizeProblems(size: Size): ClipProblem[] {
  const { width, height, frames } = size;
  const problems: ClipProblem[] = [];
  const wrong = (setting: keyof Size, code: ClipProblem['code'], instead: string) =>
    problems.push({ setting, code, value: String(size[setting]), instead });

  for (const side of ['width', 'height'] as const) {
    const value = size[side];
    if (!Number.isSafeInteger(value) || value < 1) wrong(side, 'not-a-number', `${SIZE_STEP}–1280`);
    else if (value % SIZE_STEP !== 0) wrong(side, 'size-step', around(value, SIZE_STEP, 0));
  }
  if (width * height > MOST_PIXELS) wrong('width', 'too-many-pixels', '1280 × 704');
  if (!Number.isSafeInteger(frames) || frames < 1) wrong('frames', 'not-a-number', `1–${MOST_FRAMES}`);
  else if (frames > MOST_FRAMES) wrong('frames', 'out-of-range', `1–${MOST_FRAMES}`);
  else if (frames % 4 !== 1) wrong('frames', 'frames-step', around(frames, 4, 1));
  return problems;
}

/** Everything that is wrong, in the order of the form. Empty: it can be made. */
export function clipProblems(settings: ClipSettings): ClipProblem[] {
  const { steps, shift, guidance, seed, noise } = settings;
  const problems = sizeProblems(settings);
  const wrong = (setting: keyof ClipSettings, code: ClipProblem['code'], instead: string) =>
    problems.push({ setting, code, value: String(settings[setting]), instead });

  if (settings.schedule === 'even' && !(Number.isSafeInteger(steps) && steps >= 1 && steps <= MOST_STEPS))
    wrong('steps', 'out-of-range', `1–${MOST_STEPS}`);
  for (const [setting, known] of [
    ['solver', SOLVERS],
    ['schedule', SCHEDULES],
    ['decoder', DECODERS],
    ['tokenizer', TOKENIZERS],
  ] as const)
    if (!(known as readonly string[]).includes(settings[setting])) wrong(setting, 'unknown', known.join(', '));
  if (!(shift > 0 && shift <= 100)) wrong('shift', 'out-of-range', '3, 5');
  if (!(guidance >= 1 && guidance <= 30)) wrong('guidance', 'out-of-range', '1–30');
  if (!Number.isSafeInteger(seed) || seed < 0) wrong('seed', 'out-of-range', `0–${Number.MAX_SAFE_INTEGER}`);
  if (noise !== 'torch-cpu' && !/^cuda-[1-9]\d{0,3}(x1536)?$/.test(noise))
    wrong('noise', 'unknown', 'torch-cpu, cuda-132');
  return problems;
}

/** Throws input-invalid for the first of them, with both numbers. */
export const checkClip = (settings: ClipSettings): void => refuse(clipProblems(settings));

/** The same for a clip of which only the size matters. */
export const checkSize = (size: Size): void => refuse(sizeProblems(size));

function refuse([problem]: readonly ClipProblem[]): void {
  if (!problem) return;
  const reasons: Record<ClipProblem['code'], string> = {
    'not-a-number': 'is no whole number above 0',
    'size-step': `is no multiple of ${SIZE_STEP}`,
    'too-many-pixels': `makes a frame of more than ${MOST_PIXELS} pixels`,
    'frames-step': 'is not one more than a multiple of 4',
    'out-of-range': 'is out of range',
    unknown: 'is not known',
  };
  throw new AppError(
    'input-invalid',
    `The ${problem.setting} ${excerpt(problem.value)} ${reasons[problem.code]}. Choose ${problem.instead}.`,
  );
}

/** The nearest values that are `rest` more than a multiple of `step`: '64 or 96'. */
function around(value: number, step: number, rest: number): string {
  const below = Math.floor((value - rest) / step) * step + rest;
  return below < 1 ? String(below + step) : `${below} or ${below + step}`;
}

export const latentFramesOf = (frames: number): number => (frames - 1) / 4 + 1;

/** Tokens of the transformer: a patch is 32 × 32 pixels of one latent frame. */
export const tokensOfClip = ({ width, height, frames }: Pick<ClipSettings, 'width' | 'height' | 'frames'>): number =>
  latentFramesOf(frames) * (width / SIZE_STEP) * (height / SIZE_STEP);
