/**
 * Raw result files of the zysno1/Wan2.2-Enhanced harness, the seed of this project.
 *
 * Two schemas are found: v1 writes `stage`/`duration_sec`, v2 `name`/`duration`;
 * memory is MiB in v2 and in every stage, GiB in v1's total. Only the content is
 * believed: the file called "480p" ran at 1280×704 like all the others, and no
 * file ran the model's default 121 frames.
 */

import * as v from 'valibot';
import { tokensOfClip } from '../../core/clip';
import { extent } from '../../core/extent';
import { median } from '../../core/median';
import type { Run } from '../../core/run';
import { isClipShape } from '../../core/wan_flops';
import { WAN22 } from '../../core/wan22_name';
import { amount, list, reading, text } from '../schema_parts';
import { totalAt } from '../stage_sums';
import { importedRun, importer, isObject, isoDate, maybe, type Provenance, published } from './importer';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

const stage = v.pipe(
  v.looseObject({
    stage: v.optional(text),
    duration_sec: v.optional(amount),
    name: v.optional(text),
    duration: v.optional(amount),
    sm_activity: maybe(reading),
    peak_memory_mb: maybe(amount),
  }),
  v.check((each) => nameOf(each) !== '' && Number.isFinite(secondsOf(each)), '{stage, duration_sec}'),
);

const seedRun = v.pipe(
  v.looseObject({
    system_info: v.looseObject({
      pytorch_version: text,
      gpu_info: v.looseObject({ name: text, total_memory_gb: amount }),
    }),
    total_duration: amount,
    stages: list(stage, 5000),
    config: v.looseObject({
      size: v.pipe(v.string(), v.regex(/^\d{1,5}\*\d{1,5}$/)),
      frame_num: amount,
      sample_steps: amount,
      sample_guide_scale: amount,
      offload_model: maybe(v.boolean()),
      t5_cpu: maybe(v.boolean()),
      convert_model_dtype: maybe(v.boolean()),
      ulysses_size: maybe(amount),
      save_file: maybe(text),
      report_file: maybe(text),
    }),
    max_memory_used_gb: maybe(amount),
    max_memory_used_mb: maybe(amount),
  }),
  v.forward(
    v.check(
      ({ stages, config }) => config.sample_steps > 0 && stepsOf(stages).length === config.sample_steps,
      ({ input }) => `${stepsOf(input.stages).length} (Step_k_Inference)`,
    ),
    ['config', 'sample_steps'],
  ),
);

type SeedFile = v.InferOutput<typeof seedRun>;
type RawStage = Partial<
  Record<'stage' | 'name', string | undefined> & Record<'duration_sec' | 'duration', number | undefined>
>;

const nameOf = (each: RawStage): string => each.stage ?? each.name ?? '';
const secondsOf = (each: RawStage): number => each.duration_sec ?? each.duration ?? Number.NaN;

const stepsOf = (stages: readonly RawStage[]): number[] =>
  stages.filter((each) => /^Step_\d+_Inference$/.test(nameOf(each))).map(secondsOf);

export const wan22Enhanced = importer(
  'wan22-enhanced',
  (json) => isObject(json) && isObject(json.config) && 'frame_num' in json.config && Array.isArray(json.stages),
  seedRun,
  (file, from) => [runOf(file, from)],
);

function runOf(file: SeedFile, from: Provenance): Run {
  const { system_info, total_duration, stages, config } = file;
  const one = (name: string) => {
    const found = stages.find((each) => nameOf(each) === name);
    return found ? published(secondsOf(found)) : null;
  };
  const steps = stepsOf(stages);
  const [width = 0, height = 0] = config.size.split('*').map(Number);
  const shape = { width, height, frames: config.frame_num };
  const { min, max } = extent(steps);
  const contended = max > CONTENDED_SPREAD * min;
  const parts = {
    encode: one('T5_Encoding'),
    step: published(median(steps), steps),
    decode: one('VAE_Decoding'),
  };
  const peakMiB = file.max_memory_used_mb ?? (file.max_memory_used_gb ?? 0) * 1024;
  const run = importedRun(from, {
    name: caseName(config.report_file ?? from.name),
    device: system_info.gpu_info.name,
    software: `PyTorch ${system_info.pytorch_version}`,
    date: savedAt(config.save_file ?? ''),
    confidence: contended ? 'low' : 'high',
    contended,
    key: {
      ...shape,
      model: WAN22,
      tokens: isClipShape(shape) ? tokensOfClip(shape) : null,
      steps: config.sample_steps,
      guidance: true, // the published code computes both branches whatever their scale
      promptTokens: 512, // the published code pads every prompt to this length
      batch: 1,
      activations: 'bf16',
      weights: config.convert_model_dtype === null ? null : config.convert_model_dtype ? 'bf16' : 'f32',
      attention: 'flash',
      offload: config.offload_model === null ? null : config.offload_model ? 'between-stages' : 'resident',
      textEncoderOn: config.t5_cpu === null ? null : config.t5_cpu ? 'cpu' : 'gpu',
      decoder: 'vae',
      gpus: config.ulysses_size,
    },
    stages: {
      ...parts,
      init: one('Model_Initialization'),
      image: one('VAE_Encoding'), // of image to video
      total: totalAt(parts, config.sample_steps, config.sample_steps),
      wall: published(total_duration),
    },
    timingBoundary: WAN22_ENHANCED_CLOCK,
    peakMemoryBytes: peakMiB * MIB || null,
    extra: file,
  });
  return { ...run, device: { ...run.device, memoryBytes: system_info.gpu_info.total_memory_gb * GIB } };
}

/** From model initialisation to the saved video. */
export const WAN22_ENHANCED_CLOCK = 'wan22-enhanced';

/** A stage as either schema wrote it. Memory is the most that torch had allocated. */
export interface SeedStage {
  readonly name: string;
  readonly seconds: number;
  /** Per cent of the time in which a kernel was resident; by DCGM, or where that is missing nvidia-smi's utilisation. */
  readonly smActivity: number | null;
  readonly peakMemoryBytes: number | null;
}

/** What such a file says of its stages beyond a run's figures; null of any other run. */
export function seedStagesOf({ extra }: Run): SeedStage[] | null {
  const parsed = v.safeParse(v.array(stage), extra.stages);
  if (!parsed.success) return null;
  return parsed.output.map((each) => ({
    name: nameOf(each),
    seconds: secondsOf(each),
    smActivity: each.sm_activity,
    peakMemoryBytes: each.peak_memory_mb === null ? null : each.peak_memory_mb * MIB,
  }));
}

/** Steps of one run differ by 3 % when the card is free, and by 2.2× when it is shared. */
const CONTENDED_SPREAD = 1.2;

/** '…/01_Speed_Preview_480p.json' → '01 Speed Preview 480p'. */
function caseName(reportFile: string): string {
  return reportFile
    .replace(/^.*\//, '')
    .replace(/\.json$/, '')
    .replaceAll('_', ' ');
}

/** The video's name ends in its time, '…_20251220_193816.mp4'; the file has no other date. */
function savedAt(saveFile: string): string | null {
  const found = /_(\d{4})(\d\d)(\d\d)_(\d\d)(\d\d)(\d\d)\.mp4$/.exec(saveFile);
  if (!found) return null;
  const [, year, month, day, hour, minute, second] = found;
  return isoDate(`${year}-${month}-${day}T${hour}:${minute}:${second}`);
}
