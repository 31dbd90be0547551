/** The tensors of the three networks, at the published sizes and at those of the tiny golden files. */

import { ditBlockWeights } from '../dit/block';
import { type DitConfig, WAN22_5B } from '../dit/config';
import { ditEdgeWeights } from '../dit/model';
import { externalTensor } from '../gpu/tensor';
import { type Ask, plantTree, type WeightSpec } from '../gpu/weight_tree';
import { type TextConfig, UMT5_XXL } from '../text/config';
import { textBlockWeights, textNormWeight } from '../text/encoder';
import { type VaeConfig, WAN22_VAE } from '../vae/config';
import { decoderWeights, encoderWeights, kernelShape } from '../vae/weights';

export type Network = 'dit' | 'text' | 'vae';

export interface Sizes {
  readonly dit: DitConfig;
  readonly text: TextConfig;
  readonly vae: VaeConfig;
}

export const FULL: Sizes = { dit: WAN22_5B, text: UMT5_XXL, vae: WAN22_VAE };

export const TINY: Sizes = {
  dit: {
    ...{ patch: [1, 2, 2], text_len: 32, in_dim: 8, out_dim: 8, dim: 128, ffn_dim: 320, freq_dim: 64 },
    ...{ text_dim: 96, num_heads: 4, num_layers: 2, eps: 1e-6 },
  },
  text: {
    ...{ vocab: 384, dim: 96, dim_attn: 64, dim_ffn: 160, num_heads: 4, num_layers: 3 },
    ...{ num_buckets: 32, max_distance: 128 },
  },
  vae: {
    ...{ dim: 16, dec_dim: 24, z_dim: 8, dim_mult: [1, 2, 4, 4], num_res_blocks: 2 },
    temporal_downsample: [false, true, true],
  },
};

/** By their original names, in the order of the published modules. */
export function networkTensors(network: Network, sizes: Sizes): WeightSpec[] {
  switch (network) {
    case 'dit': {
      const blocks = Array.from({ length: sizes.dit.num_layers }, (_, block) =>
        asked((ask) => ditBlockWeights(ask, sizes.dit, block)),
      );
      const edges = asked((ask) => ditEdgeWeights(ask, sizes.dit));
      // PyTorch lists a module's own parameters before those of its parts, so the head's modulation is its first.
      const rank = ({ name }: WeightSpec) => ['head.modulation', 'head.head.weight', 'head.head.bias'].indexOf(name);
      const head = edges.filter((spec) => rank(spec) >= 0).sort((a, b) => rank(a) - rank(b));
      return [...edges.filter((spec) => rank(spec) < 0), ...blocks.flat(), ...head];
    }
    case 'text': {
      const { vocab, dim, num_layers } = sizes.text;
      const blocks = Array.from({ length: num_layers }, (_, block) =>
        asked((ask) => textBlockWeights(ask, sizes.text, block)),
      );
      const norm = asked((ask) => textNormWeight(ask, sizes.text));
      return [{ name: 'token_embedding.weight', shape: [vocab, dim] }, ...blocks.flat(), ...norm];
    }
    case 'vae':
      return [encoderWeights, decoderWeights].flatMap((weights) => coderTensors(weights, sizes.vae));
  }
}

function asked(build: (ask: Ask) => unknown): WeightSpec[] {
  const { tensors } = plantTree(build, { typeOf: () => 'f32' });
  return [...tensors].map(([name, { shape }]) => ({ name, shape }));
}

function coderTensors(weights: typeof decoderWeights, config: VaeConfig): WeightSpec[] {
  const specs: WeightSpec[] = [];
  const ask: Ask = (name, shape) => {
    specs.push({ name, shape });
    return externalTensor(name, shape, 'f32');
  };
  weights(
    ask,
    (name, stored, packing) => {
      specs.push({ name, shape: stored });
      return externalTensor(name, kernelShape(stored, packing), 'f32');
    },
    config,
    true,
  );
  return specs;
}
