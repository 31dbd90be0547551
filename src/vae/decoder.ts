/** The VAE's decoder, one latent frame at a time: the first gives one frame of video, each later one four. */
import type { Recorder } from '../gpu/program';
import { ELEMENT_BYTES, rowsOf, type Tensor } from '../gpu/tensor';
import { conv } from '../kernels/conv';
import { convWindow, planeOf } from '../kernels/conv_window';
import { dupUp } from '../kernels/dup_up';
import { type Chunk, causalConv, keepPast, middle, PAST_FRAMES, pointwiseConv, resBlock } from './blocks';
import { decoderStages, PATCH_CHANNELS, type Stage, type VaeConfig } from './config';
import type { CoderWeights, StageWeights } from './weights';

const WINDOW_BYTES = 1024 ** 3;

/** latents (1, h, w, z), not normalised → (1 or 4, 8h, 8w, 12): frames in 2×2 patches. */
export function decodeChunk(
  r: Recorder,
  chunk: Chunk,
  config: VaeConfig,
  weights: CoderWeights,
  latents: Tensor,
): Tensor {
  const stages = decoderStages(config).map((stage, i) => ({ stage, weights: weights.stages[i]!, name: `up${i}` }));
  const growing = 1 + stages.findLastIndex(({ stage }) => stage.time);
  const through = (part: typeof stages, x: Tensor) =>
    part.reduce((input, { stage, weights, name }) => {
      const output = upStage(r, chunk, name, input, stage, weights);
      chunk.tap(name, output);
      return output;
    }, x);

  let x = pointwiseConv(r, 'latents', latents, weights.latents);
  x = causalConv(r, chunk, 'conv1', x, weights.conv1);
  chunk.tap('conv1', x);
  x = middle(r, chunk, 'middle', x, weights.middle);
  x = through(stages.slice(0, growing), x);

  // From here on frames need nothing of the frames after them, so they need not be in memory together.
  const late = stages.slice(growing);
  const toFrames = (part: Tensor) =>
    causalConv(r, chunk, 'head', through(late, part), weights.head, { gamma: weights.headNorm });
  const count = x.shape[0]!;
  const atOnce = framesAtOnce(
    x,
    late.map(({ stage }) => stage),
    Math.min(chunk.windowBytes ?? WINDOW_BYTES, r.options.bindingBytes ?? WINDOW_BYTES),
  );
  if (atOnce === count) return toFrames(x);
  const [, height = 0, width = 0] = latents.shape;
  const frames = r.tensor('frames', [count, 8 * height, 8 * width, PATCH_CHANNELS], x.type);
  for (let first = 0; first < count; first += atOnce)
    r.copy('frames', toFrames(rowsOf(x, first, atOnce)), rowsOf(frames, first, atOnce));
  return frames;
}

/** How many frames of x (frames, height, width, channels) can go through the stages together in windows of that size. */
export function framesAtOnce(x: Tensor, stages: readonly Pick<Stage, 'from'>[], windowBytes: number): number {
  const [count = 0, height = 0, width = 0] = x.shape;
  const frameBytes = stages.map(
    ({ from }, i) => planeOf(height * 2 ** i, width * 2 ** i, 1) * from * ELEMENT_BYTES[x.type],
  );
  const fits = (frames: number) => frameBytes.every((bytes) => (PAST_FRAMES + frames) * bytes <= windowBytes);
  let frames = count;
  while (frames % 2 === 0 && !fits(frames)) frames /= 2;
  return frames;
}

function upStage(
  r: Recorder,
  chunk: Chunk,
  name: string,
  x: Tensor,
  stage: Stage,
  { blocks, space, time }: StageWeights,
): Tensor {
  let main = x;
  blocks.forEach((block, i) => (main = resBlock(r, chunk, `${name}.${i}`, main, block, i === 0)));
  if (!space) return main;

  if (time) {
    const [, height = 0, width = 0, channels = 0] = main.shape;
    const label = `${name}.time`;
    const past = chunk.past(label, [PAST_FRAMES, height * width, channels]);
    const window = convWindow(r, main, { label, border: 0, past: chunk.first ? PAST_FRAMES : past });
    // The first latent frame is one frame of video: it is not doubled, and for later frames there are zeros in its place.
    if (chunk.first) keepPast(r, label, { ...window, frames: 0 }, PAST_FRAMES, past);
    else {
      keepPast(r, label, window, PAST_FRAMES, past);
      main = conv(r, window, time.weight, { label, bias: time.bias, columnFrames: 2 });
    }
  }
  // Phases read the pixels as they are; without them, each is written out 2 × 2 first.
  const window = convWindow(r, main, { label: `${name}.space`, border: 1, double: !chunk.savings });
  const up = conv(r, window, space.weight, { label: `${name}.space`, bias: space.bias });
  dupUp(r, x, up, { label: `${name}.shortcut`, time: stage.time, first: chunk.first });
  return up;
}
