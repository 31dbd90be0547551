/**
 * What the tensors of a LoRA are called, in three dialects, told from each name alone.
 *
 *   original   `diffusion_model.blocks.0.ffn.0.lora_down.weight`      ComfyUI, Kijai, lightx2v
 *   diffusers  `transformer.blocks.0.ffn.net.0.proj.lora_A.weight`    diffusers, PEFT
 *   kohya      `lora_unet_blocks_0_ffn_0.lora_down.weight`            kohya, musubi
 *
 * A layer is named as in the transformer, behind a prefix; what comes after it says which part of the LoRA it is.
 */
import { DIT_NAMINGS, fromUnderscored } from './tensor_names';

export type LoraDialect = 'original' | 'diffusers' | 'kohya';

/** `diff` is a difference of the tensor itself, `magnitude` belongs to DoRA. */
export type LoraPart = 'down' | 'up' | 'alpha' | 'diff' | 'magnitude';

export interface LoraName {
  readonly part: LoraPart;
  /** The original name of the tensor that it changes, or null where the transformer has none such. */
  readonly original: string | null;
  readonly dialect: LoraDialect;
  /** The layer's name in the file, without the prefix. */
  readonly layer: string;
}

/** Endings, and what each belongs to. '.default' is the name that PEFT gives an adapter without one. */
const ENDINGS: readonly (readonly [RegExp, LoraPart, tensors: readonly string[]])[] = [
  [/\.(lora_down|lora_A|lora\.down)(\.default)?\.weight$/, 'down', ['.weight']],
  [/\.(lora_up|lora_B|lora\.up)(\.default)?\.weight$/, 'up', ['.weight']],
  [/\.alpha$/, 'alpha', ['.weight']],
  [/\.(dora_scale|lora_magnitude_vector(\.default)?(\.weight)?)$/, 'magnitude', ['.weight']],
  // What has no layer around it, such as a block's modulation, is named itself.
  [/\.diff$/, 'diff', ['.weight', '']],
  [/\.diff_b$/, 'diff', ['.bias']],
  [/\.diff_m$/, 'diff', ['.modulation']],
];

const KOHYA_PREFIX = /^lora_(unet|transformer)_/;
/** All may be empty. */
const PREFIXES = /^(base_model\.model\.)?(model\.)?(diffusion_model\.|transformer\.|unet\.)?/;
const TEXT_ENCODER = /^(lora_te\d?_|text_encoders?\.|base_model\.model\.text_encoders?\.)/;

/** Null for a name that is none of a LoRA's. */
export function parseLoraName(name: string): LoraName | null {
  for (const [ending, part, tensors] of ENDINGS) {
    const at = name.search(ending);
    if (at < 0) continue;
    const isKohya = KOHYA_PREFIX.test(name);
    const layer = name.slice(0, at).replace(isKohya ? KOHYA_PREFIX : PREFIXES, '');
    for (const tensor of tensors) {
      if (isKohya) {
        const original = fromUnderscored(`${layer}${tensor.replace('.', '_')}`);
        if (original !== null) return { part, original, dialect: 'kohya', layer };
        continue;
      }
      for (const { scheme, toOriginal } of DIT_NAMINGS) {
        const original = toOriginal(`${layer}${tensor}`);
        if (original !== null) return { part, original, dialect: scheme === 'diffusers' ? scheme : 'original', layer };
      }
    }
    return { part, original: null, dialect: isKohya ? 'kohya' : 'original', layer };
  }
  return null;
}

/** Parts of a LoRA for the text encoder: their names look like those of layers. */
export const isTextEncoderName = (name: string): boolean => TEXT_ENCODER.test(name);
