/** The typed trees of the VAE's weights, by the names of the published checkpoint. */
import type { Tensor } from '../gpu/tensor';
import { type Ask, type Linear, linear } from '../gpu/weight_tree';
import { decoderStages, encoderStages, PATCH_CHANNELS, type Stage, type VaeConfig } from './config';

/**
 * Convolution kernels are repacked when loaded: taps before channels; as the four phases of an upsampling one; or, where
 * two frames stand beside each other as channels, as two taps over time.
 */
export type Packing = 'taps' | 'phases' | 'pair';
/** Ask for a kernel stored as (columns, channels, frames, rows, columns of taps). */
export type AskKernel = (name: string, stored: readonly number[], packing: Packing) => Tensor;

/** The shape in GPU memory of a kernel stored so. */
export function kernelShape(stored: readonly number[], packing: Packing): readonly number[] {
  const [columns = 0, channels = 0, ...taps] = stored;
  if (packing === 'phases') return [2, 2, columns, 2, 2, channels];
  if (packing === 'pair') return [columns, 2, ...taps, channels / 2];
  return [columns, ...(taps.length === 2 ? [1] : []), ...taps, channels];
}

export interface ConvWeights {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

export interface ResBlockWeights {
  readonly norm1: Tensor;
  readonly conv1: ConvWeights;
  readonly norm2: Tensor;
  readonly conv2: ConvWeights;
  /** 1×1×1, where the width changes. */
  readonly shortcut: Linear | null;
}

export interface MiddleWeights {
  readonly before: ResBlockWeights;
  readonly norm: Tensor;
  /** Queries, keys and values in one: (3 · channels, channels). */
  readonly qkv: ConvWeights;
  readonly proj: Linear;
  readonly after: ResBlockWeights;
}

export interface StageWeights {
  readonly blocks: readonly ResBlockWeights[];
  /** The 2-D convolution that goes with the change of size, and the one over time. */
  readonly space: ConvWeights | null;
  readonly time: ConvWeights | null;
}

export interface CoderWeights {
  readonly conv1: ConvWeights;
  readonly stages: readonly StageWeights[];
  readonly middle: MiddleWeights;
  readonly headNorm: Tensor;
  readonly head: ConvWeights;
  /** The 1×1×1 convolution between latents and coder. */
  readonly latents: Linear;
}

export function decoderWeights(ask: Ask, kernel: AskKernel, config: VaeConfig, savings: boolean): CoderWeights {
  const stages = decoderStages(config);
  const [wide, narrow] = [stages[0]!.from, stages.at(-1)!.to];
  return {
    latents: pointwise(ask, 'conv2', config.z_dim, config.z_dim),
    conv1: conv(ask, kernel, 'decoder.conv1', wide, config.z_dim, [3, 3, 3]),
    middle: middleWeights(ask, kernel, 'decoder.middle', wide),
    stages: stages.map((stage, i) =>
      stageWeights(ask, kernel, `decoder.upsamples.${i}.upsamples`, stage, 2, savings ? 'phases' : 'taps'),
    ),
    headNorm: ask('decoder.head.0.gamma', [narrow, 1, 1, 1]),
    head: conv(ask, kernel, 'decoder.head.2', PATCH_CHANNELS, narrow, [3, 3, 3]),
  };
}

export function encoderWeights(ask: Ask, kernel: AskKernel, config: VaeConfig): CoderWeights {
  const stages = encoderStages(config);
  const [narrow, wide] = [stages[0]!.from, stages.at(-1)!.to];
  return {
    conv1: conv(ask, kernel, 'encoder.conv1', narrow, PATCH_CHANNELS, [3, 3, 3]),
    stages: stages.map((stage, i) =>
      stageWeights(ask, kernel, `encoder.downsamples.${i}.downsamples`, stage, 1, 'taps'),
    ),
    middle: middleWeights(ask, kernel, 'encoder.middle', wide),
    headNorm: ask('encoder.head.0.gamma', [wide, 1, 1, 1]),
    head: conv(ask, kernel, 'encoder.head.2', 2 * config.z_dim, wide, [3, 3, 3]),
    latents: pointwise(ask, 'conv1', 2 * config.z_dim, 2 * config.z_dim),
  };
}

function conv(
  ask: Ask,
  kernel: AskKernel,
  name: string,
  to: number,
  from: number,
  taps: readonly [number, number, number],
  packing: Packing = 'taps',
): ConvWeights {
  return { weight: kernel(`${name}.weight`, [to, from, ...taps], packing), bias: ask(`${name}.bias`, [to]) };
}

/** A 1×1×1 convolution is a linear layer as it is stored. */
function pointwise(ask: Ask, name: string, to: number, from: number): Linear {
  const { weight, bias } = linear(
    (asked, shape, keep) => ask(asked, shape.length === 2 ? [...shape, 1, 1, 1] : shape, keep),
    name,
    to,
    from,
  );
  return { weight: { ...weight, shape: [to, from] }, bias: bias! };
}

function resBlock(ask: Ask, kernel: AskKernel, name: string, from: number, to: number): ResBlockWeights {
  return {
    norm1: ask(`${name}.residual.0.gamma`, [from, 1, 1, 1]),
    conv1: conv(ask, kernel, `${name}.residual.2`, to, from, [3, 3, 3]),
    norm2: ask(`${name}.residual.3.gamma`, [to, 1, 1, 1]),
    conv2: conv(ask, kernel, `${name}.residual.6`, to, to, [3, 3, 3]),
    shortcut: from === to ? null : pointwise(ask, `${name}.shortcut`, to, from),
  };
}

function middleWeights(ask: Ask, kernel: AskKernel, name: string, width: number): MiddleWeights {
  return {
    before: resBlock(ask, kernel, `${name}.0`, width, width),
    norm: ask(`${name}.1.norm.gamma`, [width, 1, 1]),
    // Stored as a 2-D convolution of one tap.
    qkv: {
      weight: { ...ask(`${name}.1.to_qkv.weight`, [3 * width, width, 1, 1]), shape: [3 * width, 1, 1, 1, width] },
      bias: ask(`${name}.1.to_qkv.bias`, [3 * width]),
    },
    proj: {
      weight: { ...ask(`${name}.1.proj.weight`, [width, width, 1, 1]), shape: [width, width] },
      bias: ask(`${name}.1.proj.bias`, [width]),
    },
    after: resBlock(ask, kernel, `${name}.2`, width, width),
  };
}

/** `widen`: the time convolution makes that many times its channels. */
function stageWeights(
  ask: Ask,
  kernel: AskKernel,
  name: string,
  { from, to, blocks, space, time }: Stage,
  widen: number,
  packing: Packing,
): StageWeights {
  const resample = `${name}.${blocks}`;
  return {
    blocks: Array.from({ length: blocks }, (_, i) => resBlock(ask, kernel, `${name}.${i}`, i === 0 ? from : to, to)),
    space: space
      ? {
          weight: kernel(`${resample}.resample.1.weight`, [to, to, 3, 3], packing),
          bias: ask(`${resample}.resample.1.bias`, [to]),
        }
      : null,
    time: time ? conv(ask, kernel, `${resample}.time_conv`, widen * to, to, [3, 1, 1]) : null,
  };
}
