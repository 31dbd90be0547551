/** The VAE's encoder: one frame of video, then four at a time, each chunk giving one latent frame. */
import type { Recorder } from '../gpu/program';
import { reshape, type Tensor } from '../gpu/tensor';
import { avgDown } from '../kernels/avg_down';
import { conv } from '../kernels/conv';
import { convWindow } from '../kernels/conv_window';
import { type Chunk, causalConv, keepPast, middle, pointwiseConv, resBlock } from './blocks';
import { encoderStages, type Stage, type VaeConfig } from './config';
import type { CoderWeights, StageWeights } from './weights';

/** frames (1 or 4, h, w, 12) in 2×2 patches → (1, h/8, w/8, 2·z): mean, then log-variance. */
export function encodeChunk(
  r: Recorder,
  chunk: Chunk,
  config: VaeConfig,
  weights: CoderWeights,
  frames: Tensor,
): Tensor {
  let x = causalConv(r, chunk, 'conv1', frames, weights.conv1);
  encoderStages(config).forEach((stage, i) => {
    x = downStage(r, chunk, `down${i}`, x, stage, weights.stages[i]!);
    chunk.tap(`down${i}`, x);
  });
  x = middle(r, chunk, 'middle', x, weights.middle);
  x = causalConv(r, chunk, 'head', x, weights.head, { gamma: weights.headNorm });
  return pointwiseConv(r, 'latents', x, weights.latents);
}

function downStage(
  r: Recorder,
  chunk: Chunk,
  name: string,
  x: Tensor,
  stage: Stage,
  { blocks, space, time }: StageWeights,
): Tensor {
  let main = x;
  blocks.forEach((block, i) => (main = resBlock(r, chunk, `${name}.${i}`, main, block, i === 0)));
  if (space) {
    const window = convWindow(r, main, { label: `${name}.space`, border: 1 });
    main = conv(r, window, space.weight, { label: `${name}.space`, bias: space.bias, stride: 'space' });
  }
  if (time) {
    // Stride 2 with the last frame before it; the first chunk has only that frame to keep.
    const [, height = 0, width = 0, channels = 0] = main.shape;
    const past = chunk.past(`${name}.time`, [1, height * width, channels]);
    if (chunk.first) r.copy(`${name}.time past`, reshape(main, past.shape), past);
    else {
      const window = convWindow(r, main, { label: `${name}.time`, border: 0, past });
      keepPast(r, `${name}.time`, window, 1, past);
      main = conv(r, window, time.weight, { label: `${name}.time`, bias: time.bias, stride: 'time' });
    }
  }
  avgDown(r, x, main, { label: `${name}.shortcut`, time: stage.time, space: stage.space });
  return main;
}
