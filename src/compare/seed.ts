/**
 * Raw result files of the zysno1/Wan2.2-Enhanced harness → reference rows.
 *
 * Two schemas are found: v1 writes `stage`/`duration_sec`, v2 `name`/`duration`;
 * memory is MiB in v2 and in every stage, GiB in v1's total. Only the content is
 * believed: the file called "480p" ran at 1280×704 like all the others, and no
 * file ran the model's default 121 frames.
 */

import * as v from 'valibot';
import { AppError } from '../core/errors';
import { median } from '../core/median';
import type { Figure } from '../core/result';
import type { ReferenceRow, ReferenceSource } from './reference_row';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const seedRun = v.object({
  system_info: v.object({
    pytorch_version: v.string(),
    gpu_info: v.object({ name: v.string(), total_memory_gb: v.number() }),
  }),
  total_duration: v.number(),
  stages: v.array(
    v.union([
      v.pipe(
        v.object({ stage: v.string(), duration_sec: v.number() }),
        v.transform(({ stage, duration_sec }) => ({ name: stage, seconds: duration_sec })),
      ),
      v.pipe(
        v.object({ name: v.string(), duration: v.number() }),
        v.transform(({ name, duration }) => ({ name, seconds: duration })),
      ),
    ]),
  ),
  config: v.object({
    task: v.string(),
    size: v.pipe(v.string(), v.regex(/^\d+\*\d+$/)),
    frame_num: v.number(),
    offload_model: v.boolean(),
    t5_cpu: v.boolean(),
    save_file: v.string(),
    base_seed: v.number(),
    sample_solver: v.string(),
    sample_steps: v.number(),
    sample_shift: v.number(),
    sample_guide_scale: v.number(),
    convert_model_dtype: v.boolean(),
    report_file: v.string(),
  }),
  max_memory_used_gb: v.optional(v.number()),
  max_memory_used_mb: v.optional(v.number()),
});

/** `source` is where the file was read, for no file says so itself. */
export function importSeedRun(id: string, source: ReferenceSource, json: unknown): ReferenceRow {
  const parsed = v.safeParse(seedRun, json);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new AppError('file-invalid', `${source.path}: ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  }
  const { system_info, total_duration, stages, config, ...memory } = parsed.output;
  const one = (name: string) => {
    const stage = stages.find((each) => each.name === name);
    if (!stage) throw new AppError('file-invalid', `${source.path} has no stage ${name}.`);
    return stage.seconds;
  };
  const steps = stages.filter(({ name }) => /^Step_\d+_Inference$/.test(name)).map(({ seconds }) => seconds);
  if (steps.length !== config.sample_steps) {
    throw new AppError('file-invalid', `${source.path} has ${steps.length} steps and says ${config.sample_steps}.`);
  }
  const [width, height] = config.size.split('*').map(Number) as [number, number];
  const contended = Math.max(...steps) / Math.min(...steps) > CONTENDED_SPREAD;

  return {
    id,
    kind: 'published',
    card: system_info.gpu_info.name,
    cardMemoryBytes: system_info.gpu_info.total_memory_gb * GIB,
    caseName: caseName(config.report_file),
    date: savedAt(config.save_file),
    software: `PyTorch ${system_info.pytorch_version}`,
    source,
    confidence: contended ? 'low' : 'high',
    contended,
    key: {
      preset: `${width}x${height}x${config.frame_num}`,
      width,
      height,
      frames: config.frame_num,
      tokens: ((config.frame_num - 1) / 4 + 1) * (width / 32) * (height / 32),
      steps: config.sample_steps,
      guidance: config.sample_guide_scale !== 1,
      promptTokens: 512, // the published code pads every prompt to this length
      activations: 'bf16',
      weights: config.convert_model_dtype ? 'bf16' : 'f32',
      offload: 'resident',
      attention: 'flash',
      batch: 1,
    },
    settings: {
      solver: config.sample_solver,
      guidanceScale: config.sample_guide_scale,
      shift: config.sample_shift,
      seed: config.base_seed,
      offloadBetweenStages: config.offload_model,
      textEncoderOnCpu: config.t5_cpu,
    },
    stages: {
      init: published(one('Model_Initialization')),
      encode: published(one('T5_Encoding')),
      step: published(median(steps), steps),
      decode: published(one('VAE_Decoding')),
      total: published(one('T5_Encoding') + steps.reduce((a, b) => a + b, 0) + one('VAE_Decoding')),
    },
    wallSeconds: total_duration,
    peakMemoryBytes: (memory.max_memory_used_mb ?? 0) * MIB || (memory.max_memory_used_gb ?? 0) * GIB,
  };
}

/** Steps of one run differ by 3 % when the card is free, and by 2.2× when it is shared. */
const CONTENDED_SPREAD = 1.2;

const published = (seconds: number, samples: readonly number[] = []): Figure => ({
  kind: 'published',
  seconds,
  samples,
});

/** '…/01_Speed_Preview_480p.json' → '01 Speed Preview 480p'. */
function caseName(reportFile: string): string {
  return reportFile
    .replace(/^.*\//, '')
    .replace(/\.json$/, '')
    .replaceAll('_', ' ');
}

/** The video's name ends in its time, '…_20251220_193816.mp4'; the file has no other date. */
function savedAt(saveFile: string): string {
  const found = /_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.mp4$/.exec(saveFile);
  if (!found) throw new AppError('file-invalid', `No date in the video's name ${saveFile}.`);
  const [, year, month, day, hour, minute, second] = found;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}
