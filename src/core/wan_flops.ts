/**
 * What a stage of Wan2.2 TI2V-5B computes, from its shapes alone: to scale one
 * machine's seconds to another workload, and to say what share of a card a
 * published run used. The published code's work, nothing saved: what our own
 * kernels do is in their costs.
 *
 * Equal to 2 · parameters · positions over the checkpoints' tensors. A
 * multiply-add counts as 2.
 */
import { latentFramesOf, SIZE_STEP, tokensOfClip } from './clip';
import { type Flops, flops } from './units';

export interface ClipShape {
  readonly width: number;
  readonly height: number;
  /** 4n + 1. */
  readonly frames: number;
}

export interface WorkOptions {
  /** Two forwards a step, and two prompts; else one. */
  readonly guidance: boolean;
  /** Videos at once. */
  readonly batch: number;
}

/** Of the transformer: width, feed-forward width, blocks, text rows, text width, numbers in a patch. */
const DIT = { dim: 3072, ffn: 14336, layers: 30, textRows: 512, textDim: 4096, patch: 192 };
const T5 = { dim: 4096, ffn: 10240, layers: 24, rows: 512 };
/** Channels into the decoder's four stages and out of the last; the latents', and a 2×2 patch of pixels'. */
const VAE = { widths: [1024, 1024, 1024, 512, 256], latents: 48, pixels: 12, blocks: 3 };

/** A step: all forwards of all videos. Time embeddings, below 1 %, are left out. */
export function stepFlops(clip: ClipShape, { guidance, batch }: WorkOptions): Flops {
  const { dim, ffn, layers, textRows, textDim, patch } = DIT;
  const tokens = tokensOfClip(clip);
  const selfAttention = 8 * tokens * dim ** 2 + 4 * tokens ** 2 * dim;
  const crossAttention = 4 * tokens * dim ** 2 + 4 * textRows * dim ** 2 + 4 * tokens * textRows * dim;
  const feedForward = 4 * tokens * dim * ffn;
  const edges = 4 * tokens * patch * dim + 2 * textRows * (textDim * dim + dim ** 2);
  const forward = layers * (selfAttention + crossAttention + feedForward) + edges;
  return flops(forward * (guidance ? 2 : 1) * batch);
}

/** Latents to pixels: convolutions, and the attention of each latent frame over itself. */
export function decodeFlops(clip: ClipShape, { batch }: Pick<WorkOptions, 'batch'>): Flops {
  const { widths, latents, pixels, blocks } = VAE;
  const count = latentFramesOf(clip.frames);
  const rows = clip.height / 16;
  const columns = clip.width / 16;
  const conv = (from: number, to: number, taps: number, positions: number) => 2 * from * to * taps * positions;
  // The first latent frame stays one frame where time is doubled.
  const framesIn = [count, 2 * count - 1, 4 * count - 3, 4 * count - 3];
  const area = (stage: number) => rows * columns * 4 ** stage;

  const [first = 0] = widths;
  const positions = count * rows * columns;
  let total = conv(latents, latents, 1, positions) + conv(latents, first, 27, positions);
  total += 4 * conv(first, first, 27, positions); // two blocks around the attention
  total += conv(first, 4 * first, 1, positions) + 4 * first * (rows * columns) ** 2 * count;
  for (const [stage, frames] of framesIn.entries()) {
    const [from = 0, to = 0] = widths.slice(stage);
    const here = frames * area(stage);
    total += conv(from, to, 27, here) + (2 * blocks - 1) * conv(to, to, 27, here);
    if (from !== to) total += conv(from, to, 1, here);
    const next = framesIn[stage + 1];
    if (next === undefined) continue;
    if (next > frames) total += conv(to, 2 * to, 3, (frames - 1) * area(stage));
    total += conv(to, to, 9, next * area(stage + 1));
  }
  return flops((total + conv(widths.at(-1)!, pixels, 27, framesIn.at(-1)! * area(3))) * batch);
}

/** Of the prompts, each padded to 512 tokens as the published code does it. */
export function textFlops({ guidance, batch }: WorkOptions): Flops {
  const { dim, ffn, layers, rows } = T5;
  const prompt = layers * (2 * rows * (4 * dim ** 2 + 3 * dim * ffn) + 4 * rows ** 2 * dim);
  return flops(prompt * (guidance ? 2 : 1) * batch);
}

/** Whole numbers of patches and of latent frames: all that the formulas hold for. */
export function isClipShape({ width, height, frames }: ClipShape): boolean {
  const whole = (value: number, step: number) => Number.isSafeInteger(value) && value > 0 && value % step === 0;
  return whole(width, SIZE_STEP) && whole(height, SIZE_STEP) && whole(frames + 3, 4);
}
