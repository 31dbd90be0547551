/**
 * Rows of mstar's video benchmark (video_bench_wan22.py): a JSON list, or the CSV
 * it writes beside it. It sets mstar and vLLM-Omni side by side, of TI2V-5B alone.
 *
 * Documented by the script: the fields below; phases are null for vLLM-Omni, and
 * at more than one request at a time they are shared ones, so only the client's
 * clock counts there, and it has waiting in it. `peak_vram_mib` is of the whole
 * card. Assumed: nothing; an empty CSV field is a null.
 */

import { csvParseRows } from 'd3';
import * as v from 'valibot';
import { tokensOfClip } from '../../core/clip';
import { isClipShape } from '../../core/wan_flops';
import { WAN22 } from '../../core/wan22_name';
import { amount, reading, text } from '../schema_parts';
import { importedRun, importer, isObject, MOST_RUNS, maybe, oneOrMore, published } from './importer';

const MIB = 2 ** 20;

const spread = maybe(v.looseObject({ mean: maybe(amount), p50: maybe(amount) }));

const row = v.looseObject({
  label: text,
  system: text,
  task: maybe(text),
  size_wxh: v.pipe(v.string(), v.regex(/^\d{1,5}x\d{1,5}$/i)),
  num_frames: amount,
  num_inference_steps: amount,
  guidance_scale: amount,
  concurrency: amount,
  dtype_dit: maybe(text),
  timing_boundary: maybe(text),
  gpu_name: maybe(text),
  server_torch_version: maybe(text),
  ok: amount,
  peak_vram_mib: maybe(reading),
  e2e_client_s: spread,
  text_encode_ms: spread,
  vae_encode_ms: spread,
  denoise_step_mean_ms: spread,
  vae_decode_ms: spread,
  e2e_server_ms: spread,
});

type Spread = v.InferOutput<typeof spread>;

const isRow = (json: unknown) => isObject(json) && 'size_wxh' in json && 'e2e_client_s' in json;

export const mstar = importer(
  'mstar',
  (json) => [json].flat().some(isRow),
  oneOrMore(row),
  (rows, from) =>
    rows.map((each, i) => {
      const [width = 0, height = 0] = each.size_wxh.toLowerCase().split('x').map(Number);
      const shape = { width, height, frames: each.num_frames };
      const alone = each.concurrency === 1;
      const phase = (milliseconds: Spread) => (alone ? middle(milliseconds, 1000) : null);
      return importedRun(
        { ...from, id: `${from.id} ${i}` },
        {
          name: each.label,
          device: each.gpu_name,
          software: [each.system, each.server_torch_version && `PyTorch ${each.server_torch_version}`]
            .filter(Boolean)
            .join(', '),
          contended: !alone,
          key: {
            ...shape,
            model: WAN22,
            tokens: isClipShape(shape) ? tokensOfClip(shape) : null,
            steps: each.num_inference_steps,
            guidance: each.guidance_scale > 1,
            batch: 1,
            activations: each.dtype_dit,
            weights: each.dtype_dit,
            decoder: 'vae',
          },
          stages: {
            encode: phase(each.text_encode_ms),
            image: phase(each.vae_encode_ms),
            step: phase(each.denoise_step_mean_ms),
            decode: phase(each.vae_decode_ms),
            total: phase(each.e2e_server_ms),
            wall: middle(each.e2e_client_s, 1),
          },
          timingBoundary: each.timing_boundary,
          peakMemoryBytes: each.peak_vram_mib && each.peak_vram_mib > 0 ? each.peak_vram_mib * MIB : null,
          extra: each,
        },
      );
    }),
);

/** The median where it is told, else the mean. */
function middle(of: Spread, perSecond: number) {
  const value = of?.p50 ?? of?.mean ?? null;
  return value === null ? null : published(value / perSecond);
}

/** A table of the script's has some forty columns and a row for each of its cases. */
const MOST_CSV_CHARACTERS = 2 ** 20;
const MOST_COLUMNS = 200;

const SPREADS = ['text_encode', 'denoise_total', 'vae_decode', 'e2e_server'];

/** Rows as the JSON has them; null where the text is no such table. */
export function mstarRows(csv: string): unknown[] | null {
  if (csv.length > MOST_CSV_CHARACTERS || !csv.trimStart().startsWith('label,system,')) return null;
  const [names = [], ...lines] = csvParseRows(csv.trim());
  if (names.length > MOST_COLUMNS || lines.length > MOST_RUNS) return null;
  return lines.map((line) => {
    const flat = Object.fromEntries(names.map((name, i) => [name, cellOf(line[i] ?? '')]));
    const phases = SPREADS.map((phase) => [`${phase}_ms`, { mean: flat[`${phase}_mean_ms`] }]);
    return {
      ...flat,
      ...Object.fromEntries(phases),
      denoise_step_mean_ms: { mean: flat.denoise_step_mean_ms },
      e2e_client_s: { mean: flat.e2e_client_mean_s, p50: flat.e2e_client_p50_s },
    };
  });
}

const cellOf = (field: string): string | number | null =>
  field === '' ? null : /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(field) ? Number(field) : field;
