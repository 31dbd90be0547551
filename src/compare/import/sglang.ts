/**
 * SGLang-Diffusion: the dump of one request (`perf_dump_path`), and the baselines
 * of its test servers (`perf_baselines.json`, `h100.json`).
 *
 * Documented by perf_logger.py and the baselines themselves: the fields below,
 * milliseconds, memory in 2^20 bytes. Neither states size, frames, guidance or
 * the card of a dump, so nothing can be divided by them. Assumed: that a scenario
 * or a model path with "ti2v 5b" in it is Wan2.2's; the other scenarios are other
 * models and are left out. Without SGLANG_DIFFUSION_SYNC_STAGE_PROFILING=1 a dump's
 * stages may end before the GPU does.
 */

import * as v from 'valibot';
import { median } from '../../core/median';
import type { RunStages } from '../../core/run';
import { isWan22Name, WAN22 } from '../../core/wan22_name';
import { amount, list, text } from '../schema_parts';
import { importedRun, importer, isObject, isoDate, maybe, published } from './importer';

const MIB = 2 ** 20;
/** One for each stage. */
const MOST_CHECKPOINTS = 1000;

const dump = v.looseObject({
  timestamp: maybe(text),
  commit_hash: maybe(text),
  total_duration_ms: amount,
  steps: list(v.looseObject({ name: text, duration_ms: amount }), 1000),
  denoise_steps_ms: list(v.looseObject({ duration_ms: amount }), 5000),
  memory_checkpoints: maybe(
    v.pipe(v.record(v.string(), v.looseObject({ peak_reserved_mb: maybe(amount) })), v.maxEntries(MOST_CHECKPOINTS)),
  ),
  meta: maybe(v.looseObject({ model: maybe(text) })),
});

export const sglangDump = importer(
  'sglang-perf-dump',
  (json) => isObject(json) && 'denoise_steps_ms' in json && 'total_duration_ms' in json,
  dump,
  ({ steps, denoise_steps_ms, total_duration_ms, timestamp, commit_hash, memory_checkpoints, meta, ...rest }, from) => {
    const samples = denoise_steps_ms.map(({ duration_ms }) => duration_ms / 1000);
    const peaks = Object.values(memory_checkpoints ?? {}).map(({ peak_reserved_mb }) => peak_reserved_mb ?? 0);
    const model = meta?.model ?? null;
    return [
      importedRun(from, {
        name: from.name,
        device: null,
        software: ['SGLang', commit_hash].filter(Boolean).join(' '),
        date: isoDate(timestamp),
        key: {
          model: isWan22Name(model) ? WAN22 : model,
          steps: samples.length || null,
          batch: 1,
          textEncoderOn: 'gpu',
        },
        stages: {
          ...stagesOf(Object.fromEntries(steps.map(({ name, duration_ms }) => [name, duration_ms]))),
          step: samples.length > 0 ? published(median(samples), samples) : null,
          total: published(total_duration_ms / 1000),
        },
        timingBoundary: 'sglang',
        peakMemoryBytes: Math.max(0, ...peaks) * MIB || null,
        extra: { ...rest, steps, memory_checkpoints, meta },
      }),
    ];
  },
);

const scenario = v.looseObject({
  stages_ms: v.record(v.string(), amount),
  denoise_step_ms: v.record(v.string(), amount),
  expected_e2e_ms: amount,
});

const baselines = v.looseObject({
  metadata: maybe(v.looseObject({ hardware: maybe(text), last_updated: maybe(text) })),
  scenarios: v.pipe(
    v.record(v.string(), v.unknown()),
    v.transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => isWan22Name(name)))),
    v.record(v.string(), scenario),
    v.minEntries(1),
    v.maxEntries(100),
  ),
});

export const sglangBaselines = importer(
  'sglang-baselines',
  (json) => isObject(json) && isObject(json.scenarios),
  baselines,
  ({ scenarios, metadata }, from) =>
    Object.entries(scenarios).map(([name, { stages_ms, denoise_step_ms, expected_e2e_ms, ...more }]) => {
      const samples = Object.values(denoise_step_ms).map((ms) => ms / 1000);
      return importedRun(
        { ...from, id: `${from.id} ${name}` },
        {
          name,
          device: metadata?.hardware ?? null,
          software: 'SGLang',
          date: isoDate(metadata?.last_updated ?? null),
          key: { model: WAN22, steps: samples.length || null, batch: 1, textEncoderOn: 'gpu' },
          stages: {
            ...stagesOf(stages_ms),
            step: samples.length > 0 ? published(median(samples), samples) : null,
            total: published(expected_e2e_ms / 1000),
          },
          timingBoundary: 'sglang',
          extra: { ...more, stages_ms, metadata },
        },
      );
    }),
);

/** Class names, some with the model's before: 'TextEncodingStage', 'WanDecodingStage', 'ImageVAEEncodingStage'. */
function stagesOf(milliseconds: Readonly<Record<string, number>>): Partial<RunStages> {
  const take = (ending: RegExp) => {
    const found = Object.entries(milliseconds).find(([name]) => ending.test(name));
    return found ? published(found[1] / 1000) : null;
  };
  return { encode: take(/TextEncodingStage$/), image: take(/ImageVAEEncodingStage$/), decode: take(/DecodingStage$/) };
}
