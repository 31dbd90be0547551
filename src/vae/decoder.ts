/** The VAE's decoder, one latent frame at a time: the first gives one frame of video, each later one four. */
import type { Recorder } from '../gpu/program';
import type { Tensor } from '../gpu/tensor';
import { conv } from '../kernels/conv';
import { convWindow } from '../kernels/conv_window';
import { dupUp } from '../kernels/dup_up';
import { type Chunk, causalConv, keepPast, middle, PAST_FRAMES, pointwiseConv, resBlock } from './blocks';
import { decoderStages, type Stage, type VaeConfig } from './config';
import type { CoderWeights, StageWeights } from './weights';

/** latents (1, h, w, z), not normalised → (1 or 4, 8h, 8w, 12): frames in 2×2 patches. */
export function decodeChunk(
  r: Recorder,
  chunk: Chunk,
  config: VaeConfig,
  weights: CoderWeights,
  latents: Tensor,
): Tensor {
  let x = pointwiseConv(r, 'latents', latents, weights.latents);
  x = causalConv(r, chunk, 'conv1', x, weights.conv1);
  chunk.tap('conv1', x);
  x = middle(r, chunk, 'middle', x, weights.middle);
  decoderStages(config).forEach((stage, i) => {
    x = upStage(r, chunk, `up${i}`, x, stage, weights.stages[i]!);
    chunk.tap(`up${i}`, x);
  });
  return causalConv(r, chunk, 'head', x, weights.head, { gamma: weights.headNorm });
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
  blocks.forEach((block, i) => (main = resBlock(r, chunk, `${name}.${i}`, main, block)));
  if (!space) return main;

  // The first latent frame is one frame of video: time is not doubled, and later frames do not see it here.
  if (time && !chunk.first) {
    const [, height = 0, width = 0, channels = 0] = main.shape;
    const past = chunk.past(`${name}.time`, [PAST_FRAMES, height * width, channels]);
    const window = convWindow(r, main, { label: `${name}.time`, border: 0, past });
    keepPast(r, `${name}.time`, window, PAST_FRAMES, past);
    main = conv(r, window, time.weight, { label: `${name}.time`, bias: time.bias, columnFrames: 2 });
  } else if (time) {
    const [, height = 0, width = 0, channels = 0] = main.shape;
    chunk.past(`${name}.time`, [PAST_FRAMES, height * width, channels]); // stays zero
  }
  // Phases read the pixels as they are; without them, each is written out 2 × 2 first.
  const window = convWindow(r, main, { label: `${name}.space`, border: 1, double: !chunk.savings });
  const up = conv(r, window, space.weight, { label: `${name}.space`, bias: space.bias });
  dupUp(r, x, up, { label: `${name}.shortcut`, time: stage.time, first: chunk.first });
  return up;
}
