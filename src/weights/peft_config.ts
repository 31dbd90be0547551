/**
 * The settings of PEFT that diffusers keeps in a LoRA's header, since its tensors have no alpha:
 * `lora_adapter_metadata`, JSON, each key behind the name of the network (PEFT's `LoraConfig`).
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { AppError, excerpt } from '../core/errors';
import { textExtent } from '../core/nesting';
import type { TensorFile } from './tensor_file';

const KEY = 'lora_adapter_metadata';
const PREFIX = 'transformer.';
/** Wan2.2's transformer has 300 layers. */
const MAX_PATTERNS = 10_000;
/** PEFT's settings are three deep. */
const MAX_LEVELS = 8;
/** Lists, objects and names: ranks may have patterns as alphas do, and there are forty settings. */
const MAX_PARTS = 3 * MAX_PATTERNS;

const number = v.pipe(v.number(), v.finite());
const settings = v.object({
  lora_alpha: v.optional(number),
  /** By layers, or the ends of their names. */
  alpha_pattern: v.optional(v.record(v.string(), number), {}),
  /** The product is divided by the root of the rank. */
  use_rslora: v.optional(v.boolean(), false),
});

/** The alpha of a layer by its name in the file and its rank. */
export type AlphaOf = (layer: string, rank: number) => number;

/** Without such settings alpha is the rank. Throws file-invalid where they cannot be read. */
export function readAlphas({ metadata, source }: TensorFile): AlphaOf {
  const text = metadata[KEY];
  if (typeof text !== 'string') return (_, rank) => rank;
  const refused = (what: string) =>
    new AppError('file-invalid', `${source.name}: ${what} Save the LoRA again, or remove that entry.`);
  // Before it is parsed, and checked, which takes four microseconds for each pattern.
  const { levels, lists, named } = textExtent(text);
  if (levels > MAX_LEVELS)
    throw refused(`${KEY} in its header is nested to ${levels} levels, at most ${MAX_LEVELS} are read.`);
  const parts = lists + named;
  if (parts > MAX_PARTS)
    throw refused(`${KEY} in its header has ${parts} lists, objects and names, at most ${MAX_PARTS} are read.`);
  const parsed = checked(settings, unprefixed(text));
  if (!parsed.success)
    throw refused(
      `${KEY} in its header is not as PEFT writes it (${excerpt(v.getDotPath(parsed.issues[0]) ?? 'no JSON')}).`,
    );
  const { lora_alpha, alpha_pattern, use_rslora } = parsed.output;
  const patterns = Object.entries(alpha_pattern);
  if (patterns.length > MAX_PATTERNS)
    throw refused(
      `the alpha_pattern of ${KEY} in its header has ${patterns.length} entries, at most ${MAX_PATTERNS} are read.`,
    );
  const byEnd = new Map(patterns.map(([end, alpha], order) => [end, { alpha, order }]));
  return (layer, rank) => {
    const fitting = endsOf(layer).flatMap((end) => byEnd.get(end) ?? []);
    const first = fitting.sort((a, b) => a.order - b.order)[0]; // as PEFT, which takes the first that fits
    const alpha = first?.alpha ?? lora_alpha;
    if (alpha === undefined) return rank;
    return use_rslora ? alpha * Math.sqrt(rank) : alpha;
  };
}

/** The name, and what follows each of its dots. */
function endsOf(layer: string): string[] {
  const parts = layer.split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
}

function unprefixed(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null) return undefined;
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key.startsWith(PREFIX) ? key.slice(PREFIX.length) : key, value]),
    );
  } catch {
    return undefined;
  }
}
