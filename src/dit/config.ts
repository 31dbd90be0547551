/** Sizes of a Wan diffusion transformer, named as the golden files and `model.json` name them. */
export interface DitConfig {
  readonly patch: readonly [number, number, number];
  readonly text_len: number;
  readonly in_dim: number;
  readonly out_dim: number;
  readonly dim: number;
  readonly ffn_dim: number;
  readonly freq_dim: number;
  readonly text_dim: number;
  readonly num_heads: number;
  readonly num_layers: number;
  readonly eps: number;
}

export const WAN22_5B: DitConfig = {
  patch: [1, 2, 2],
  text_len: 512,
  in_dim: 48,
  out_dim: 48,
  dim: 3072,
  ffn_dim: 14336,
  freq_dim: 256,
  text_dim: 4096,
  num_heads: 24,
  num_layers: 30,
  eps: 1e-6,
};

/** The grid of tokens: latent frames, and half the latents' height and width. */
export interface TokenGrid {
  readonly frames: number;
  readonly height: number;
  readonly width: number;
}

export function tokenCount({ frames, height, width }: TokenGrid): number {
  return frames * height * width;
}
