/** The tensors of the networks, at the published sizes and at those of the tiny golden files, under any names. */
import type { WeightSpec } from '../gpu/weight_tree';
import { expectedTensors, WAN22_SIZES as FULL, type Sizes } from '../pipeline/expected_tensors';
import { type Network, namings, type Scheme } from '../weights/tensor_names';

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
  // Small as published.
  tiny: FULL.tiny,
};

// PyTorch lists a module's own parameters before those of its parts, so the head's modulation is its first.
const LAST = ['head.modulation', 'head.head.weight', 'head.head.bias'];

/** By their original names, in the order of the published modules: edges, blocks, head. */
export function networkTensors(network: Network, sizes: Sizes): WeightSpec[] {
  const specs = [...expectedTensors(sizes)[network]].map(([name, shape]) => ({ name, shape }));
  const rank = ({ name }: WeightSpec) => LAST.indexOf(name);
  return specs.sort((a, b) => rank(a) - rank(b));
}

/** The tiny VAE has as many blocks in a stage as the published one. */
const NAMINGS = namings();

/** An original name in a scheme. */
export function schemeName(network: Network, scheme: Scheme, name: string): string {
  const naming = NAMINGS.find((one) => one.network === network && one.scheme === scheme);
  const found = naming?.fromOriginal(name);
  if (!found) throw new Error(`${name} of ${network} has no name in the scheme ${scheme}.`);
  return found;
}
