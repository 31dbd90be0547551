/**
 * What the tensors of Wan2.2's three networks, and of the tiny decoder for its latents, are called: in the original
 * files, in Diffusers and Transformers repositories, and in llama.cpp's GGUF files.
 *
 * The rules were checked against the modules of Wan-Video/Wan2.2 and diffusers, whose own converter agrees;
 * llama.cpp's names are those of its T5 encoder.
 */
import { type Rule, reversed, type Translate, translation } from './name_rules';

export type Network = 'text' | 'dit' | 'vae' | 'tiny';
export const NETWORKS: readonly Network[] = ['text', 'dit', 'vae', 'tiny'];

export type Scheme = 'original' | 'diffusers' | 'transformers' | 'llama.cpp';

export interface Naming {
  readonly network: Network;
  readonly scheme: Scheme;
  readonly toOriginal: Translate;
  readonly fromOriginal: Translate;
}

const WB = '{weight|bias}';

/** [original, diffusers] */
const DIT: readonly Rule[] = [
  [`patch_embedding.${WB}`, `patch_embedding.${WB}`],
  [`text_embedding.{0|2}.${WB}`, `condition_embedder.text_embedder.{linear_1|linear_2}.${WB}`],
  [`time_embedding.{0|2}.${WB}`, `condition_embedder.time_embedder.{linear_1|linear_2}.${WB}`],
  [`time_projection.1.${WB}`, `condition_embedder.time_proj.${WB}`],
  [`blocks.#.{self_attn|cross_attn}.{q|k|v|o}.${WB}`, `blocks.#.{attn1|attn2}.{to_q|to_k|to_v|to_out.0}.${WB}`],
  ['blocks.#.{self_attn|cross_attn}.{norm_q|norm_k}.weight', 'blocks.#.{attn1|attn2}.{norm_q|norm_k}.weight'],
  // Diffusers counts the norms in the order they are applied; the other two have no weights.
  [`blocks.#.norm3.${WB}`, `blocks.#.norm2.${WB}`],
  [`blocks.#.ffn.{0|2}.${WB}`, `blocks.#.ffn.net.{0.proj|2}.${WB}`],
  ['blocks.#.modulation', 'blocks.#.scale_shift_table'],
  ['head.modulation', 'scale_shift_table'],
  [`head.head.${WB}`, `proj_out.${WB}`],
];

export const EMBEDDING = 'token_embedding.weight';
/** Transformers shares one tensor under two names, and some files hold this one, or both. */
export const EMBEDDING_ALIAS = 'encoder.embed_tokens.weight';

/** [original, transformers, llama.cpp] */
const TEXT: readonly (readonly [string, string, string])[] = [
  [EMBEDDING, 'shared.weight', 'token_embd.weight'],
  [
    'blocks.#.{norm1|norm2}.weight',
    'encoder.block.#.layer.{0|1}.layer_norm.weight',
    'enc.blk.#.{attn_norm|ffn_norm}.weight',
  ],
  [
    'blocks.#.attn.{q|k|v|o}.weight',
    'encoder.block.#.layer.0.SelfAttention.{q|k|v|o}.weight',
    'enc.blk.#.{attn_q|attn_k|attn_v|attn_o}.weight',
  ],
  [
    'blocks.#.pos_embedding.embedding.weight',
    'encoder.block.#.layer.0.SelfAttention.relative_attention_bias.weight',
    'enc.blk.#.attn_rel_b.weight',
  ],
  [
    'blocks.#.ffn.{gate.0|fc1|fc2}.weight',
    'encoder.block.#.layer.1.DenseReluDense.{wi_0|wi_1|wo}.weight',
    'enc.blk.#.{ffn_gate|ffn_up|ffn_down}.weight',
  ],
  ['norm.weight', 'encoder.final_layer_norm.weight', 'enc.output_norm.weight'],
];
/** Residual blocks in a stage of each half of the VAE: what changes the size comes after them, and diffusers does not count it. */
export interface VaeStageBlocks {
  readonly encoder: number;
  readonly decoder: number;
}
const WAN22_STAGE_BLOCKS: VaeStageBlocks = { encoder: 2, decoder: 3 };

/** [original, diffusers] */
function vaeRules({ encoder, decoder }: VaeStageBlocks): Rule[] {
  const half = (
    name: string,
    [stages, ofStage, blocks]: readonly [string, string, number],
    [theirStages, changer]: readonly [string, string],
  ): Rule[] => [
    [`${name}.{conv1|head.2}.${WB}`, `${name}.{conv_in|conv_out}.${WB}`],
    [`${name}.head.0.gamma`, `${name}.norm_out.gamma`],
    ...residual(`${name}.middle.{0|2}`, `${name}.mid_block.resnets.{0|1}`),
    [`${name}.middle.1.norm.gamma`, `${name}.mid_block.attentions.0.norm.gamma`],
    [`${name}.middle.1.{to_qkv|proj}.${WB}`, `${name}.mid_block.attentions.0.{to_qkv|proj}.${WB}`],
    ...residual(`${name}.${stages}.#.${ofStage}.#`, `${name}.${theirStages}.#.resnets.#`),
    [
      `${name}.${stages}.#.${ofStage}.${blocks}.{resample.1|time_conv}.${WB}`,
      `${name}.${theirStages}.#.${changer}.{resample.1|time_conv}.${WB}`,
    ],
  ];
  return [
    [`{conv1|conv2}.${WB}`, `{quant_conv|post_quant_conv}.${WB}`],
    ...half('encoder', ['downsamples', 'downsamples', encoder], ['down_blocks', 'downsampler']),
    ...half('decoder', ['upsamples', 'upsamples', decoder], ['up_blocks', 'upsampler']),
  ];
}

const residual = (name: string, theirs: string): Rule[] => [
  [`${name}.residual.{0|3}.gamma`, `${theirs}.{norm1|norm2}.gamma`],
  [`${name}.residual.{2|6}.${WB}`, `${theirs}.{conv1|conv2}.${WB}`],
  [`${name}.shortcut.${WB}`, `${theirs}.conv_shortcut.${WB}`],
];

/**
 * [original, in the published file]: its layers are counted through, and names of counted layers alone could be
 * anyone's, so here `taehv.` stands before them.
 */
const TINY: readonly Rule[] = [
  ...tinyHalf('decoder', {
    biased: '{1|22}',
    blocks: '{3|4|5|9|10|11|15|16|17}',
    time: '{7|13|19}',
    space: '{8|14|20}',
  }),
  ...tinyHalf('encoder', {
    biased: '{0|17}',
    blocks: '{4|5|6|9|10|11|14|15|16}',
    time: '{2|7|12}',
    space: '{3|8|13}',
  }),
];

/** The layers of a half: convolutions at its ends, memory blocks, and what changes the length and the size. */
function tinyHalf(
  half: 'encoder' | 'decoder',
  { biased, blocks, time, space }: Readonly<Record<'biased' | 'blocks' | 'time' | 'space', string>>,
): Rule[] {
  return [`${biased}.${WB}`, `${blocks}.conv.{0|2|4}.${WB}`, `${time}.conv.weight`, `${space}.weight`].map((layer) => [
    `taehv.${half}.${layer}`,
    `${half}.${layer}`,
  ]);
}

/** Known by an original name like this, and not computed with: videos are never encoded by the tiny encoder. */
export const isUnused = (original: string): boolean => original.startsWith('taehv.encoder.');

function naming(network: Network, scheme: Scheme, rules: readonly Rule[], aliases: readonly Rule[] = []): Naming {
  return {
    network,
    scheme,
    toOriginal: translation([...reversed(rules), ...aliases]),
    fromOriginal: translation(rules),
  };
}

const same = (rules: readonly (readonly [string, ...string[]])[]): Rule[] => rules.map(([name]) => [name, name]);

export const DIT_NAMINGS: readonly Naming[] = [naming('dit', 'original', same(DIT)), naming('dit', 'diffusers', DIT)];

/** To the original names of the transformer, from names of either scheme whose dots are written as underscores. */
export const fromUnderscored: Translate = translation(
  DIT.flatMap((names) => names.map((name): Rule => [name.replaceAll('.', '_'), names[0]])),
);

/** Those that no size changes. */
const FIXED: readonly Naming[] = [
  naming('text', 'original', same(TEXT)),
  naming(
    'text',
    'transformers',
    TEXT.map(([original, theirs]) => [original, theirs]),
    [[EMBEDDING_ALIAS, EMBEDDING]],
  ),
  naming(
    'text',
    'llama.cpp',
    TEXT.map(([original, , theirs]) => [original, theirs]),
  ),
  ...DIT_NAMINGS,
  naming('tiny', 'original', TINY),
];

/** All schemes of all networks. The VAE's rules depend on how many blocks its stages have. */
export function namings(blocks: VaeStageBlocks = WAN22_STAGE_BLOCKS): Naming[] {
  const vae = vaeRules(blocks);
  return [...FIXED, naming('vae', 'original', same(vae)), naming('vae', 'diffusers', vae)];
}

/** How many blocks the stages of the VAE have, told by the names of all tensors, in whichever scheme. */
export function vaeStageBlocks(names: Iterable<string>): VaeStageBlocks {
  const most = { encoder: 0, decoder: 0 };
  for (const name of names) {
    const [, half, block] =
      /(encoder|decoder)\.(?:downsamples\.\d+\.downsamples|upsamples\.\d+\.upsamples|(?:down|up)_blocks\.\d+\.resnets)\.(\d{1,4})\.(?:residual|conv|norm)/.exec(
        name,
      ) ?? [];
    if (half) most[half as keyof typeof most] = Math.max(most[half as keyof typeof most], Number(block) + 1);
  }
  return {
    encoder: most.encoder || WAN22_STAGE_BLOCKS.encoder,
    decoder: most.decoder || WAN22_STAGE_BLOCKS.decoder,
  };
}
