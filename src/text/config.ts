/** Sizes of a UMT5 encoder, named as the golden files and `model.json` name them. */
export interface TextConfig {
  readonly vocab: number;
  readonly dim: number;
  readonly dim_attn: number;
  readonly dim_ffn: number;
  readonly num_heads: number;
  readonly num_layers: number;
  readonly num_buckets: number;
  readonly max_distance: number;
}

export const UMT5_XXL: TextConfig = {
  vocab: 256384,
  dim: 4096,
  dim_attn: 4096,
  dim_ffn: 10240,
  num_heads: 64,
  num_layers: 24,
  num_buckets: 32,
  max_distance: 128,
};

/** Tokens a prompt is cut to. */
export const PROMPT_TOKENS = 512;
