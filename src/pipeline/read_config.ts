/** Sizes of the networks as golden files and `model.json` give them: untrusted, so checked before use. */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { AppError, excerpt } from '../core/errors';
import type { DitConfig } from '../dit/config';
import type { TextConfig } from '../text/config';
import type { LatentMoments, VaeConfig } from '../vae/config';
import type { TinyConfig } from '../vae/tiny_weights';
import { MAX_LAYERS, MAX_STAGE_BLOCKS, MAX_VAE_STAGES } from './expected_tensors';

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24));
/** The lists of tensors and programs grow with it. */
const layers = v.pipe(size, v.maxValue(MAX_LAYERS));

const text: v.GenericSchema<unknown, TextConfig> = v.object({
  vocab: size,
  dim: size,
  dim_attn: size,
  dim_ffn: size,
  num_heads: size,
  num_layers: layers,
  num_buckets: size,
  max_distance: size,
});

const dit: v.GenericSchema<unknown, DitConfig> = v.object({
  patch: v.strictTuple([size, size, size]),
  text_len: size,
  in_dim: size,
  out_dim: size,
  dim: size,
  ffn_dim: size,
  freq_dim: size,
  text_dim: size,
  num_heads: size,
  num_layers: layers,
  eps: v.pipe(v.number(), v.finite(), v.gtValue(0)),
});

const vae: v.GenericSchema<unknown, VaeConfig> = v.object({
  dim: size,
  dec_dim: size,
  z_dim: size,
  dim_mult: v.pipe(v.array(size), v.minLength(1), v.maxLength(MAX_VAE_STAGES)),
  num_res_blocks: v.pipe(size, v.maxValue(MAX_STAGE_BLOCKS)),
  temporal_downsample: v.pipe(v.array(v.boolean()), v.maxLength(MAX_VAE_STAGES)),
});

const tiny: v.GenericSchema<unknown, TinyConfig> = v.object({
  z_dim: size,
  patch_size: v.literal(2),
  channels: v.strictTuple([size, size, size, size]),
  time_upscale: v.pipe(
    v.strictTuple([v.boolean(), v.boolean(), v.boolean()]),
    // Latents have one frame for four of a video.
    v.check((doubles) => doubles.filter(Boolean).length === 2),
  ),
});

const finite = v.pipe(v.number(), v.finite());
const moments = v.object({ latents_mean: v.array(finite), latents_std: v.array(v.pipe(finite, v.gtValue(0))) });

/** `where` names the file in the message of a failure. */
export const readTextConfig = (value: unknown, where: string): TextConfig => read(text, value, where);
export const readDitConfig = (value: unknown, where: string): DitConfig => read(dit, value, where);

export const readVaeConfig = (value: unknown, where: string): VaeConfig => read(vae, value, where);

export const readTinyConfig = (value: unknown, where: string): TinyConfig => read(tiny, value, where);

export function readMoments(value: unknown, where: string): LatentMoments {
  const { latents_mean, latents_std } = read(moments, value, where);
  return { mean: latents_mean, deviation: latents_std };
}

export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, where: string): T {
  const parsed = checked(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new AppError(
    'file-invalid',
    `${where}: "${excerpt(v.getDotPath(issue) ?? 'config')}" is ${excerpt(issue.received)}, expected is ${issue.expected ?? 'another value'}.`,
  );
}
