/**
 * vLLM-Omni: a finished job as `GET /v1/videos/{id}` gives it, which others that
 * speak the same API give too, and the result file of its serving benchmark.
 *
 * Documented (docs/serving/videos_api.md, protocol/videos.py, PR #7737): the
 * fields below; stage keys carry a class name, so what counts is after the first
 * dot; repeated calls of a stage add up, so `text_encoder.forward` is of both
 * prompts, and a step is `diffuse` over the steps. Assumed: that a job file holds
 * the wish beside the answer only if its writer put it there (`num_frames`,
 * `num_inference_steps`, `guidance_scale` are the names of the request), and that
 * "MB" is 2^20 bytes, as torch counts them there.
 */

import * as v from 'valibot';
import { tokensOfClip } from '../../core/clip';
import { profiledSeconds } from '../../core/profiled_stages';
import type { Figure } from '../../core/result';
import type { Run, RunKey } from '../../core/run';
import { isClipShape } from '../../core/wan_flops';
import { isWan22Name, WAN22 } from '../../core/wan22_name';
import { amount, text } from '../schema_parts';
import { importedRun, importer, isObject, maybe, oneOrMore, type Provenance, published, unixTime } from './importer';

const MIB = 2 ** 20;

const wish = {
  model: maybe(text),
  size: maybe(text),
  width: maybe(amount),
  height: maybe(amount),
  num_frames: maybe(amount),
  num_inference_steps: maybe(amount),
  guidance_scale: maybe(amount),
};
const stageDurations = v.record(v.pipe(v.string(), v.maxLength(200)), amount);

const video = v.looseObject({
  ...wish,
  id: text,
  object: v.literal('video'),
  status: v.literal('completed'),
  created_at: maybe(unixTime),
  inference_time_s: maybe(amount),
  peak_memory_mb: maybe(amount),
  stage_durations: maybe(stageDurations),
});

export const vllmVideo = importer(
  'vllm-omni-video',
  (json) => isObject(json) && json.object === 'video',
  video,
  ({ inference_time_s, peak_memory_mb, stage_durations, ...file }, from) => {
    const key = keyOf(file);
    const stages = stagesOf(stage_durations ?? {}, key.steps);
    // FastVideo's jobs have the same fields and their file's path, SGLang's and OpenAI's no stages.
    const isVllm = stage_durations !== null && !('file_path' in file);
    return [
      importedRun(from, {
        name: from.name,
        device: null,
        software: isVllm ? 'vLLM-Omni' : 'OpenAI Videos API',
        date: file.created_at === null ? null : new Date(file.created_at * 1000).toISOString(),
        key,
        stages: { ...stages, total: told(inference_time_s) ?? stages.total },
        timingBoundary: isVllm ? 'vllm-omni' : null,
        peakMemoryBytes: positive(peak_memory_mb, MIB),
        extra: { ...file, stage_durations },
      }),
    ];
  },
);

const benchResult = v.looseObject({
  ...wish,
  // Where every request failed, what stands beside it was not measured.
  completed_requests: v.pipe(amount, v.minValue(1)),
  failed_requests: maybe(amount),
  latency_mean: v.pipe(amount, v.gtValue(0)),
  latency_median: maybe(amount),
  peak_memory_mb_max: maybe(amount),
  stage_durations_mean: maybe(stageDurations),
  max_concurrency: maybe(amount),
});

/** The bare result, or one record of the project's own runs, which puts the wish beside it. */
const benchRecord = v.looseObject({
  result: benchResult,
  benchmark_params: maybe(
    v.looseObject({
      ...wish,
      'num-frames': maybe(amount),
      'num-inference-steps': maybe(amount),
      'max-concurrency': maybe(amount),
    }),
  ),
  server_params: maybe(v.looseObject({ model: maybe(text) })),
  Hardware: maybe(text),
});

const isBench = (json: unknown) => isObject(json) && 'latency_mean' in json && 'completed_requests' in json;

export const vllmBench = importer('vllm-omni-bench', isBench, benchResult, (result, from) => [
  benchRun(result, keyOf(result), { device: null, concurrency: result.max_concurrency }, from, {}),
]);

export const vllmBenchRecords = importer(
  'vllm-omni-bench',
  (json) => [json].flat().some((each) => isObject(each) && isBench(each.result)),
  v.pipe(v.unknown(), v.transform(withoutFailed), oneOrMore(benchRecord)),
  (records, from) =>
    records.map(({ result, benchmark_params, server_params, Hardware, ...rest }, i) => {
      const wished = benchmark_params ?? result;
      const key = keyOf({
        ...wished,
        model: server_params?.model ?? wished.model,
        num_frames: wished.num_frames ?? benchmark_params?.['num-frames'] ?? null,
        num_inference_steps: wished.num_inference_steps ?? benchmark_params?.['num-inference-steps'] ?? null,
      });
      const concurrency = result.max_concurrency ?? benchmark_params?.['max-concurrency'] ?? null;
      return benchRun(
        result,
        key,
        { device: Hardware, concurrency },
        { ...from, id: `${from.id} ${i}` },
        { ...rest, benchmark_params, server_params },
      );
    }),
);

/** Of many records one in which every request failed is left out; of nothing but those the first is refused. */
function withoutFailed(json: unknown): unknown[] {
  const records = [json].flat();
  const kept = records.filter(
    (each) => !(isObject(each) && isObject(each.result) && each.result.completed_requests === 0),
  );
  return kept.length > 0 ? kept : records;
}

function benchRun(
  {
    latency_mean,
    latency_median,
    peak_memory_mb_max,
    stage_durations_mean,
    ...file
  }: v.InferOutput<typeof benchResult>,
  key: Partial<RunKey>,
  { device, concurrency }: { readonly device: string | null; readonly concurrency: number | null },
  from: Provenance,
  extra: Run['extra'],
): Run {
  // More than one request at a time wait for each other, and share the stages.
  const contended = (concurrency ?? 1) > 1;
  return importedRun(from, {
    name: from.name,
    device,
    software: 'vLLM-Omni',
    contended,
    confidence: (file.failed_requests ?? 0) > 0 ? 'low' : 'medium',
    key,
    stages: {
      ...(contended ? {} : stagesOf(stage_durations_mean ?? {}, key.steps ?? null)),
      wall: published(positive(latency_median) ?? latency_mean),
    },
    timingBoundary: 'vllm-omni-bench',
    peakMemoryBytes: positive(peak_memory_mb_max ?? null, MIB),
    // Of two objects that are spread into one, V8 takes the second a field at a time: 4 s for 512 records of 512 fields.
    extra: Object.assign({}, file, extra, { latency_mean, stage_durations_mean }),
  });
}

interface Wish {
  readonly model: string | null;
  readonly size: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly num_frames: number | null;
  readonly num_inference_steps: number | null;
  readonly guidance_scale: number | null;
}

function keyOf({ model, size, num_frames, num_inference_steps, guidance_scale, ...sides }: Wish) {
  const [, across, down] = /^(\d{1,5})x(\d{1,5})$/.exec(size ?? '') ?? [];
  const width = sides.width ?? (across ? Number(across) : null);
  const height = sides.height ?? (down ? Number(down) : null);
  const shape = { width: width ?? 0, height: height ?? 0, frames: num_frames ?? 0 };
  return {
    model: isWan22Name(model) ? WAN22 : model,
    width,
    height,
    frames: num_frames,
    tokens: isClipShape(shape) ? tokensOfClip(shape) : null,
    steps: num_inference_steps,
    guidance: guidance_scale === null ? null : guidance_scale > 1,
    batch: 1,
    decoder: 'vae' as const,
    textEncoderOn: 'gpu' as const,
  };
}

function stagesOf(durations: Readonly<Record<string, number>>, steps: number | null) {
  const { encode, image, denoise, decode, total } = profiledSeconds(durations);
  return {
    encode: told(encode),
    image: told(image),
    step: denoise !== undefined && steps !== null && steps >= 1 ? derived(denoise / steps) : null,
    decode: told(decode),
    total: told(total),
  };
}

const derived = (seconds: number): Figure => ({ kind: 'derived', seconds, samples: [] });

/** A server that cannot tell writes 0. */
const positive = (value: number | null | undefined, unit = 1): number | null => (value ? value * unit : null);

function told(seconds: number | null | undefined) {
  const known = positive(seconds);
  return known === null ? null : published(known);
}
