/** Sizes of a Wan2.2 video VAE, named as the golden files and `model.json` name them. */
export interface VaeConfig {
  readonly dim: number;
  readonly dec_dim: number;
  readonly z_dim: number;
  readonly dim_mult: readonly number[];
  readonly num_res_blocks: number;
  /** For each of the encoder's stages but the last: does it halve time? The decoder's order is the reverse. */
  readonly temporal_downsample: readonly boolean[];
}

export const WAN22_VAE: VaeConfig = {
  dim: 160,
  dec_dim: 256,
  z_dim: 48,
  dim_mult: [1, 2, 4, 4],
  num_res_blocks: 2,
  temporal_downsample: [false, true, true],
};

/** Mean and deviation of each latent channel over the training data; the sampler's latents are normalised by them. */
export interface LatentMoments {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

export const WAN22_MOMENTS: LatentMoments = {
  mean: [
    -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557, -0.1382, 0.0542, 0.2813, 0.0891, 0.157,
    -0.0098, 0.0375, -0.1825, -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502, -0.2055, -0.0322,
    0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.123, -0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.052,
    0.3748, 0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
  ],
  deviation: [
    0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.499, 0.4818, 0.5013, 0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165,
    0.8454, 0.4978, 0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659, 0.7069, 0.5338, 0.4889, 0.4917,
    0.4069, 0.4999, 0.6866, 0.4093, 0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887, 0.3971, 1.06,
    0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
  ],
};

/** Channels of a pixel after 2×2 patches: 3 · 4. */
export const PATCH_CHANNELS = 12;

/** One stage of the encoder or decoder. */
export interface Stage {
  readonly from: number;
  readonly to: number;
  readonly blocks: number;
  /** Space is halved or doubled after the blocks; never in the last stage. */
  readonly space: boolean;
  /** And time with it. */
  readonly time: boolean;
}

export function decoderStages({ dec_dim, dim_mult, num_res_blocks, temporal_downsample }: VaeConfig): Stage[] {
  const widths = [dim_mult.at(-1)!, ...[...dim_mult].reverse()].map((multiple) => dec_dim * multiple);
  const time = [...temporal_downsample].reverse();
  return stages(widths, num_res_blocks + 1, time);
}

export function encoderStages({ dim, dim_mult, num_res_blocks, temporal_downsample }: VaeConfig): Stage[] {
  return stages(
    [1, ...dim_mult].map((multiple) => dim * multiple),
    num_res_blocks,
    temporal_downsample,
  );
}

function stages(widths: readonly number[], blocks: number, time: readonly boolean[]): Stage[] {
  return widths
    .slice(1)
    .map((to, i) => ({ from: widths[i]!, to, blocks, space: i < widths.length - 2, time: time[i] ?? false }));
}
