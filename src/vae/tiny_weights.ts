/** The tiny decoder (taew2_2 of TAEHV): its sizes, and its weights by the published names behind `taehv.`. */
import type { Tensor } from '../gpu/tensor';
import type { Ask } from '../gpu/weight_tree';
import type { AskKernel, ConvWeights, Packing } from './weights';

/** Named as the golden file names them. */
export interface TinyConfig {
  readonly z_dim: number;
  readonly patch_size: number;
  /** Of the first convolution, and after each stage. */
  readonly channels: readonly number[];
  /** For each stage: does it double time? All double height and width. */
  readonly time_upscale: readonly boolean[];
}

export const TAEW2_2: TinyConfig = {
  z_dim: 48,
  patch_size: 2,
  channels: [256, 128, 64, 64],
  time_upscale: [false, true, true],
};

/** Its 3×3 convolutions; the first sees a frame and the one before it. */
export type MemoryBlockWeights = readonly [ConvWeights, ConvWeights, ConvWeights];

export interface TinyStageWeights {
  readonly blocks: readonly MemoryBlockWeights[];
  /** 1×1, to the channels of each frame that a frame becomes. */
  readonly time: Tensor;
  /** 3×3, after nearest upsampling. */
  readonly space: Tensor;
}

export interface TinyWeights {
  readonly first: ConvWeights;
  readonly stages: readonly TinyStageWeights[];
  readonly head: ConvWeights;
}

const BLOCKS = 3;
/** Layers are counted through: blocks, upsampling, growth in time, convolution. */
const STAGE_LAYERS = BLOCKS + 3;
const FIRST_STAGE = 3;

export function tinyWeights(ask: Ask, kernel: AskKernel, config: TinyConfig, savings: boolean): TinyWeights {
  const { z_dim, patch_size, channels, time_upscale } = config;
  const stageAt = (stage: number) => FIRST_STAGE + STAGE_LAYERS * stage;
  const conv = (name: string, to: number, from: number, packing: Packing = 'taps'): ConvWeights => ({
    weight: kernel(`taehv.decoder.${name}.weight`, [to, from, 3, 3], packing),
    bias: ask(`taehv.decoder.${name}.bias`, [to]),
  });
  return {
    first: conv('1', channels[0]!, z_dim),
    stages: time_upscale.map((doubles, stage) => {
      const [from = 0, to = 0] = channels.slice(stage);
      const [layer, grown] = [stageAt(stage), doubles ? 2 * from : from];
      return {
        blocks: Array.from({ length: BLOCKS }, (_, i): MemoryBlockWeights => {
          const name = `${layer + i}.conv`;
          return [
            conv(`${name}.0`, from, 2 * from, 'pair'),
            conv(`${name}.2`, from, from),
            conv(`${name}.4`, from, from),
          ];
        }),
        // A kernel of one tap is packed as it is stored.
        time: {
          ...ask(`taehv.decoder.${layer + BLOCKS + 1}.conv.weight`, [grown, from, 1, 1]),
          shape: [grown, 1, 1, 1, from],
        },
        space: kernel(`taehv.decoder.${layer + BLOCKS + 2}.weight`, [to, from, 3, 3], savings ? 'phases' : 'taps'),
      };
    }),
    head: conv(String(stageAt(time_upscale.length) + 1), 3 * patch_size ** 2, channels.at(-1)!),
  };
}
