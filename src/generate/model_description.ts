/** `model.json`: what the files of a model do not say of themselves. Untrusted, so checked before use. */
import * as v from 'valibot';
import { type ClipSettings, checkClip, SOLVERS } from '../core/clip';
import type { VideoModel } from '../core/clip_run';
import { AppError } from '../core/errors';
import type { ClipNetworks } from '../pipeline/clip';
import { read, readDitConfig, readMoments, readTextConfig, readVaeConfig } from '../pipeline/read_config';
import type { LinearProjection } from './linear_preview';

export interface ModelDescription extends Pick<VideoModel, 'defaults' | 'framesPerSecond' | 'examples' | 'knownWords'> {
  readonly name: string;
  readonly networks: ClipNetworks;
  readonly preview: LinearProjection | null;
}

const rate = v.pipe(v.number(), v.minValue(1), v.maxValue(240));
const finite = v.pipe(v.number(), v.finite());
const colour = v.strictTuple([finite, finite, finite]);
const schema = v.object({
  name: v.string(),
  text_encoder: v.unknown(),
  transformer: v.unknown(),
  vae: v.unknown(),
  defaults: v.object({
    width: v.number(),
    height: v.number(),
    frames: v.number(),
    fps: rate,
    steps: v.number(),
    guidance: v.number(),
    shift: v.number(),
    solver: v.picklist(SOLVERS),
    negative_prompt: v.string(),
  }),
  prompts: v.optional(v.record(v.string(), v.array(v.string())), {}),
  preview: v.optional(v.object({ weights: v.array(colour), bias: colour })),
});

/** `where` names the file in messages. Throws file-invalid for values of another form, input-invalid for settings that cannot be. */
export function readDescription(value: unknown, where: string): ModelDescription {
  const { name, text_encoder, transformer, vae, defaults, prompts, preview } = read(schema, value, where);
  const { fps, negative_prompt, ...others } = defaults;
  const { examples = [], ...words } = prompts;
  const settings: ClipSettings = {
    prompt: examples[0] ?? '',
    negativePrompt: negative_prompt,
    ...others,
    schedule: 'even',
    seed: 0,
    noise: 'torch-cpu',
    decoder: 'vae',
    tokenizer: 'fast',
  };
  checkClip(settings);
  const networks: ClipNetworks = {
    text: readTextConfig(text_encoder, where),
    dit: readDitConfig(transformer, where),
    vae: readVaeConfig(vae, where),
    moments: readMoments(vae, where),
  };
  const { in_dim } = networks.dit;
  if (preview && preview.weights.length !== in_dim)
    throw new AppError(
      'file-invalid',
      `${where}: its preview has weights for ${preview.weights.length} channels, the transformer has ${in_dim}.`,
    );
  return {
    name,
    networks,
    defaults: settings,
    framesPerSecond: fps,
    examples,
    knownWords: Object.entries(words).map(([kind, words]) => ({ kind, words })),
    preview: preview ?? null,
  };
}
