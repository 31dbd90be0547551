/**
 * Which tensors the networks ask for: taken from their trees of weights, so that
 * a list cannot say one thing and the network do another.
 */
import { AppError } from '../core/errors';
import { ditBlockWeights } from '../dit/block';
import { type DitConfig, WAN22_5B } from '../dit/config';
import { ditEdgeWeights } from '../dit/model';
import { externalTensor } from '../gpu/tensor';
import { type Ask, plantTree } from '../gpu/weight_tree';
import { type TextConfig, UMT5_XXL } from '../text/config';
import { textBlockWeights, textNormWeight } from '../text/encoder';
import { type VaeConfig, WAN22_VAE } from '../vae/config';
import { TAEW2_2, type TinyConfig, tinyWeights } from '../vae/tiny_weights';
import { type AskKernel, decoderWeights, encoderWeights, kernelShape } from '../vae/weights';
import type { Checkpoint } from '../weights/checkpoint';
import type { ExpectedTensors } from '../weights/inspection';
import { type Network, vaeStageBlocks } from '../weights/tensor_names';

export interface Sizes {
  readonly text: TextConfig;
  readonly dit: DitConfig;
  readonly vae: VaeConfig;
  readonly tiny: TinyConfig;
}
export const WAN22_SIZES: Sizes = { text: UMT5_XXL, dit: WAN22_5B, vae: WAN22_VAE, tiny: TAEW2_2 };

/** Several times those of any published model of the kind: the list of expected tensors grows with the product. */
export const MAX_LAYERS = 128;
export const MAX_VAE_STAGES = 8;
export const MAX_STAGE_BLOCKS = 16;

/** By original names, with the shapes they are stored in. */
export function expectedTensors({ text, dit, vae, tiny }: Sizes): Readonly<Record<Network, ExpectedTensors>> {
  return {
    text: collect((ask) => {
      ask('token_embedding.weight', [text.vocab, text.dim]);
      for (const block of blocks(text.num_layers)) textBlockWeights(ask, text, block);
      textNormWeight(ask, text);
    }),
    dit: ditTensors(dit),
    vae: collect((ask, kernel) => {
      encoderWeights(ask, kernel, vae);
      decoderWeights(ask, kernel, vae, false);
    }),
    tiny: collect((ask, kernel) => tinyWeights(ask, kernel, tiny, false)),
  };
}

/** Those of the transformer alone. */
export function ditTensors(dit: DitConfig): ExpectedTensors {
  return collect((ask) => {
    ditEdgeWeights(ask, dit);
    for (const block of blocks(dit.num_layers)) ditBlockWeights(ask, dit, block);
  });
}

const blocks = (count: number) => Array.from({ length: count }, (_, block) => block);

function collect(build: (ask: Ask, kernel: AskKernel) => unknown): ExpectedTensors {
  const kernels = new Map<string, readonly number[]>();
  const kernel: AskKernel = (name, stored, packing) => {
    kernels.set(name, stored);
    return externalTensor(name, kernelShape(stored, packing), 'f32');
  };
  const { tensors } = plantTree((ask) => build(ask, kernel), { typeOf: () => 'f32' });
  return new Map([...[...tensors].map(([name, { shape }]) => [name, shape] as const), ...kernels]);
}

/**
 * The sizes of the networks in a checkpoint, as far as shapes tell them; what they do not tell, or
 * what the checkpoint lacks, is as in the published model. Throws file-invalid for more layers, stages or blocks than
 * any such network has.
 */
export function inferSizes({ tensors }: Pick<Checkpoint, 'tensors'>): Sizes {
  const { text, dit, vae, tiny } = WAN22_SIZES;
  const size = (name: string, axis: number) => tensors.get(name)?.shape.at(axis);
  const layers = (after: string) => {
    const pattern = new RegExp(`^blocks\\.(\\d+)\\.${after}$`);
    const count = [...tensors.keys()].reduce(
      (most, name) => Math.max(most, Number(pattern.exec(name)?.[1] ?? -1) + 1),
      0,
    );
    return atMost(MAX_LAYERS, count, 'layers in a network');
  };
  const known = (value: number | undefined, published: number) =>
    value !== undefined && Number.isSafeInteger(value) && value > 0 ? value : published;

  const dim = known(size('patch_embedding.bias', 0), dit.dim);
  const [t = 1, h = 1, w = 1] = (tensors.get('patch_embedding.weight')?.shape ?? dit.patch).slice(-3);
  return {
    text: {
      ...text,
      vocab: known(size('token_embedding.weight', 0), text.vocab),
      dim: known(size('norm.weight', 0), text.dim),
      dim_attn: known(size('blocks.0.attn.q.weight', 0), text.dim_attn),
      dim_ffn: known(size('blocks.0.ffn.fc1.weight', 0), text.dim_ffn),
      num_buckets: known(size('blocks.0.pos_embedding.embedding.weight', 0), text.num_buckets),
      num_heads: known(size('blocks.0.pos_embedding.embedding.weight', 1), text.num_heads),
      num_layers: known(layers('attn\\.q\\.weight'), text.num_layers),
    },
    dit: {
      ...dit,
      patch: [t, h, w],
      dim,
      // No shape tells; the heads of all of Wan's transformers are of one size, whatever the width.
      num_heads: known(dim / (dit.dim / dit.num_heads), dit.num_heads),
      in_dim: known(size('patch_embedding.weight', -4), dit.in_dim),
      out_dim: known((size('head.head.bias', 0) ?? 0) / (t * h * w), dit.out_dim),
      text_dim: known(size('text_embedding.0.weight', 1), dit.text_dim),
      freq_dim: known(size('time_embedding.0.weight', 1), dit.freq_dim),
      ffn_dim: known(size('blocks.0.ffn.0.bias', 0), dit.ffn_dim),
      num_layers: known(layers('modulation'), dit.num_layers),
    },
    vae: inferVaeSizes(tensors.keys(), size, vae),
    tiny: { ...tiny, z_dim: known(size('taehv.decoder.1.weight', 1), tiny.z_dim) },
  };
}

/** The encoder's stages widen from `dim`, the decoder's narrow to `dec_dim`; the multiples are the same. */
function inferVaeSizes(
  names: Iterable<string>,
  size: (name: string, axis: number) => number | undefined,
  published: VaeConfig,
): VaeConfig {
  const dim = size('encoder.conv1.bias', 0);
  const decDim = size('decoder.head.0.gamma', 0);
  const widths: number[] = [];
  for (let stage = 0; ; stage++) {
    const width = size(`encoder.downsamples.${stage}.downsamples.0.residual.2.bias`, 0);
    if (width === undefined) break;
    widths.push(width);
  }
  atMost(MAX_VAE_STAGES, widths.length, 'stages in the VAE');
  const multiples = dim ? widths.map((width) => width / dim) : [];
  const usable =
    dim && multiples.length > 0 && multiples.every((multiple) => Number.isInteger(multiple) && multiple > 0);
  const { encoder } = vaeStageBlocks(names);
  const dim_mult = usable ? multiples : published.dim_mult;
  return {
    ...published,
    z_dim: size('conv2.bias', 0) || published.z_dim,
    dim: usable ? dim : published.dim,
    dec_dim: decDim && decDim % dim_mult[0]! === 0 ? decDim / dim_mult[0]! : published.dec_dim,
    dim_mult,
    num_res_blocks: usable
      ? atMost(MAX_STAGE_BLOCKS, encoder, 'blocks in a stage of the VAE')
      : published.num_res_blocks,
    temporal_downsample: usable
      ? widths
          .slice(1)
          .map(
            (_, stage) => size(`encoder.downsamples.${stage}.downsamples.${encoder}.time_conv.bias`, 0) !== undefined,
          )
      : published.temporal_downsample,
  };
}

function atMost(most: number, count: number, what: string): number {
  if (count > most)
    throw new AppError(
      'file-invalid',
      `The names of the checkpoint's tensors tell of ${count} ${what}, at most ${most} are read. Give a checkpoint of Wan2.2 TI2V-5B.`,
    );
  return count;
}
