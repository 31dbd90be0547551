/** What a `wanscope-video` must be: the settings and times of a video made here, not its frames. */
import * as v from 'valibot';
import { type ClipSettings, MOST_PROMPT_CHARACTERS, type NoiseKind } from '../core/clip';
import type { ClipResult, SavedClip } from '../core/clip_run';
import { figure, machine } from './result_schema';
import { amount, choice, name, object, orNull, text, time } from './schema_parts';

const prompt = v.pipe(v.string(), v.maxLength(MOST_PROMPT_CHARACTERS));

const settings = object<ClipSettings>({
  prompt,
  negativePrompt: prompt,
  width: amount,
  height: amount,
  frames: amount,
  steps: amount,
  solver: choice<ClipSettings['solver']>({ unipc: true, 'dpm++': true, euler: true }),
  schedule: choice<ClipSettings['schedule']>({ even: true, fastwan: true, turbo: true }),
  shift: amount,
  guidance: amount,
  seed: amount,
  noise: v.custom<NoiseKind>((value) => typeof value === 'string' && /^(torch-cpu|cuda-\d{1,4}(x1536)?)$/.test(value)),
  decoder: choice<ClipSettings['decoder']>({ vae: true, tiny: true }),
  tokenizer: choice<ClipSettings['tokenizer']>({ fast: true, sentencepiece: true }),
});

export const clipSchema = object<SavedClip>({
  schema: v.literal('wanscope-video'),
  version: v.literal(1),
  id: text,
  name,
  settings,
  model: text,
  modelFingerprint: text,
  network: choice<ClipResult['network']>({ 'wan22-5b': true, other: true }),
  machine,
  createdAt: time,
  promptTokens: amount,
  framesPerSecond: amount,
  activations: text,
  weights: text,
  offload: choice<ClipResult['offload']>({ resident: true, stream: true }),
  stages: object<ClipResult['stages']>({
    load: figure,
    encode: orNull(figure),
    image: orNull(figure),
    step: orNull(figure),
    decode: figure,
    total: figure,
  }),
  resumedSteps: amount,
  peakGpuBytes: amount,
});
