/** Sizes of the networks as golden files and `model.json` give them: untrusted, so checked before use. */
import * as v from 'valibot';
import { AppError } from '../core/errors';
import type { DitConfig } from '../dit/config';
import type { TextConfig } from '../text/config';

const size = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 24));

const text: v.GenericSchema<unknown, TextConfig> = v.object({
  vocab: size,
  dim: size,
  dim_attn: size,
  dim_ffn: size,
  num_heads: size,
  num_layers: size,
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
  num_layers: size,
  eps: v.pipe(v.number(), v.gtValue(0)),
});

/** `where` names the file in the message of a failure. */
export const readTextConfig = (value: unknown, where: string): TextConfig => read(text, value, where);
export const readDitConfig = (value: unknown, where: string): DitConfig => read(dit, value, where);

export function read<T>(schema: v.GenericSchema<unknown, T>, value: unknown, where: string): T {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new AppError(
    'file-invalid',
    `${where}: "${v.getDotPath(issue) ?? 'config'}" is ${issue.received}, expected is ${issue.expected ?? 'another value'}.`,
  );
}
