/**
 * What the published files call the tensors of Wan2.2. The rules are those of the
 * diffusers conversion script for Wan (`convert_wan_to_diffusers.py`) and of
 * ComfyUI-GGUF's map for T5; the original names are those of Wan-Video/Wan2.2.
 */
import type { Network } from './networks';

/** 'hub': Diffusers for the transformer and the VAE, Hugging Face's UMT5 for the text encoder. 'gguf': llama.cpp's. */
export type Scheme = 'original' | 'hub' | 'gguf';

type Rule = readonly [RegExp, string];

const DIT: readonly Rule[] = [
  [/^text_embedding\.0/, 'condition_embedder.text_embedder.linear_1'],
  [/^text_embedding\.2/, 'condition_embedder.text_embedder.linear_2'],
  [/^time_embedding\.0/, 'condition_embedder.time_embedder.linear_1'],
  [/^time_embedding\.2/, 'condition_embedder.time_embedder.linear_2'],
  [/^time_projection\.1/, 'condition_embedder.time_proj'],
  [/^head\.modulation/, 'scale_shift_table'],
  [/^head\.head/, 'proj_out'],
  [/\.modulation$/, '.scale_shift_table'],
  [/\.self_attn\./, '.attn1.'],
  [/\.cross_attn\./, '.attn2.'],
  [/\.(q|k|v)\./, '.to_$1.'],
  [/\.o\./, '.to_out.0.'],
  [/\.norm3\./, '.norm2.'],
  [/\.ffn\.0\./, '.ffn.net.0.proj.'],
  [/\.ffn\.2\./, '.ffn.net.2.'],
];

const TEXT: readonly Rule[] = [
  [/^token_embedding\./, 'shared.'],
  [/^norm\./, 'encoder.final_layer_norm.'],
  [/^blocks\.(\d+)\.norm1\./, 'encoder.block.$1.layer.0.layer_norm.'],
  [/^blocks\.(\d+)\.norm2\./, 'encoder.block.$1.layer.1.layer_norm.'],
  [/^blocks\.(\d+)\.attn\./, 'encoder.block.$1.layer.0.SelfAttention.'],
  [/^blocks\.(\d+)\.pos_embedding\.embedding\./, 'encoder.block.$1.layer.0.SelfAttention.relative_attention_bias.'],
  [/^blocks\.(\d+)\.ffn\.gate\.0\./, 'encoder.block.$1.layer.1.DenseReluDense.wi_0.'],
  [/^blocks\.(\d+)\.ffn\.fc1\./, 'encoder.block.$1.layer.1.DenseReluDense.wi_1.'],
  [/^blocks\.(\d+)\.ffn\.fc2\./, 'encoder.block.$1.layer.1.DenseReluDense.wo.'],
];

const TEXT_GGUF: readonly Rule[] = [
  [/^token_embedding\./, 'token_embd.'],
  [/^norm\./, 'enc.output_norm.'],
  [/^blocks\.(\d+)\./, 'enc.blk.$1.'],
  [/\.norm1\./, '.attn_norm.'],
  [/\.norm2\./, '.ffn_norm.'],
  [/\.attn\.(q|k|v|o)\./, '.attn_$1.'],
  [/\.pos_embedding\.embedding\./, '.attn_rel_b.'],
  [/\.ffn\.gate\.0\./, '.ffn_gate.'],
  [/\.ffn\.fc1\./, '.ffn_up.'],
  [/\.ffn\.fc2\./, '.ffn_down.'],
];

const VAE: readonly Rule[] = [
  [/^conv1\./, 'quant_conv.'],
  [/^conv2\./, 'post_quant_conv.'],
  [/coder\.conv1\./, 'coder.conv_in.'],
  [/\.head\.0\./, '.norm_out.'],
  [/\.head\.2\./, '.conv_out.'],
  [/\.middle\.0\./, '.mid_block.resnets.0.'],
  [/\.middle\.1\./, '.mid_block.attentions.0.'],
  [/\.middle\.2\./, '.mid_block.resnets.1.'],
  [/\.downsamples\.(\d+)\.downsamples\.\d+\.(resample|time_conv)/, '.down_blocks.$1.downsampler.$2'],
  [/\.upsamples\.(\d+)\.upsamples\.\d+\.(resample|time_conv)/, '.up_blocks.$1.upsampler.$2'],
  [/\.downsamples\.(\d+)\.downsamples\.(\d+)\./, '.down_blocks.$1.resnets.$2.'],
  [/\.upsamples\.(\d+)\.upsamples\.(\d+)\./, '.up_blocks.$1.resnets.$2.'],
  [/\.residual\.0\./, '.norm1.'],
  [/\.residual\.2\./, '.conv1.'],
  [/\.residual\.3\./, '.norm2.'],
  [/\.residual\.6\./, '.conv2.'],
  [/\.shortcut\./, '.conv_shortcut.'],
];

const RULES: Record<Scheme, Record<Network, readonly Rule[]>> = {
  original: { dit: [], text: [], vae: [] },
  hub: { dit: DIT, text: TEXT, vae: VAE },
  gguf: { dit: [], text: TEXT_GGUF, vae: [] },
};

/** An original name in a scheme. */
export function schemeName(network: Network, scheme: Scheme, name: string): string {
  return RULES[scheme][network].reduce((renamed, [from, to]) => renamed.replace(from, to), name);
}
