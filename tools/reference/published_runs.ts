/**
 * Timings that others published, as gathered in published.json → runs. Only what
 * a source states counts: a size given as "720p", or frames assumed from a
 * default, are not known, so that nothing is divided by them. They stay in `extra`.
 */
import { importedRun, published } from '../../src/compare/import/importer';
import { WAN22_ENHANCED_CLOCK } from '../../src/compare/import/wan22_enhanced';
import { totalAt } from '../../src/compare/stage_sums';
import { tokensOfClip } from '../../src/core/clip';
import type { Run } from '../../src/core/run';
import { isClipShape } from '../../src/core/wan_flops';
import { WAN22 } from '../../src/core/wan22_name';

interface Gathered {
  readonly gpu: string;
  readonly gpus?: number;
  readonly kind: string;
  readonly task: string;
  readonly model?: string;
  readonly size: string;
  readonly frames: number | null;
  readonly frames_stated?: boolean;
  readonly steps: number;
  readonly steps_stated?: boolean;
  readonly cfg?: number | string;
  readonly dtype?: string;
  readonly offload?: boolean | string;
  readonly t5_cpu?: boolean;
  readonly attention?: string;
  readonly software?: string;
  readonly total_s: number | null;
  readonly step_s?: number | null;
  readonly stages: Readonly<Record<string, number>> | null;
  readonly peak_memory_gib?: number | null;
  readonly contaminated?: boolean;
  readonly source: string;
  readonly confidence: string;
}

export function publishedRun(timing: Gathered, index: number): Run {
  const { source, stages } = timing;
  const { step_s = null, total_s } = timing;
  const isSeed = source.startsWith('zysno1/');
  const steps = timing.steps_stated === false ? null : timing.steps;
  const [width = null, height = null] = /^(\d+)x(\d+)$/.exec(timing.size)?.slice(1).map(Number) ?? [];
  const frames = timing.frames_stated === false ? null : timing.frames;
  const shape = { width: width ?? 0, height: height ?? 0, frames: frames ?? 0 };
  const seconds = (name: string) =>
    stages?.[`${name}_s`] ?? (stages?.[`${name}_ms`] === undefined ? null : stages[`${name}_ms`]! / 1000);
  const figure = (value: number | null) => (value === null ? null : published(value));
  const parts = {
    encode: figure(seconds('t5_encode') ?? seconds('text_encode')),
    step: figure(step_s),
    decode: figure(seconds('vae_decode')),
  };
  return importedRun(
    { id: `published-${String(index + 1).padStart(2, '0')}`, name: source, url: urlOf(source) },
    {
      origin: 'published',
      name: isSeed ? caseName(source) : [timing.model ?? 'Wan2.2-TI2V-5B', timing.task].join(', '),
      device: timing.gpu === 'unstated' ? null : timing.gpu,
      software: timing.software ?? '',
      date: /\d{4}-\d\d-\d\d/.exec(source)?.[0] ?? null,
      confidence: /^(high|medium|low)/.exec(timing.confidence)![0] as 'high',
      contended: timing.contaminated ?? false,
      key: {
        model: WAN22,
        width,
        height,
        frames,
        tokens: isClipShape(shape) ? tokensOfClip(shape) : null,
        steps,
        guidance: timing.cfg === undefined ? null : !String(timing.cfg).startsWith('none'),
        promptTokens: isSeed ? 512 : null,
        batch: 1,
        ...(timing.dtype?.includes('bf16') ? { activations: 'bf16' } : {}),
        ...(/^(fp32 weights|bf16 \(--convert)/.test(timing.dtype ?? '')
          ? { weights: timing.dtype!.startsWith('fp32') ? 'f32' : 'bf16' }
          : {}),
        attention: /^(flash|fa\d)/i.test(timing.attention ?? '') ? 'flash' : null,
        offload: typeof timing.offload === 'boolean' ? (timing.offload ? 'between-stages' : 'resident') : null,
        textEncoderOn: timing.t5_cpu === undefined ? null : timing.t5_cpu ? 'cpu' : 'gpu',
        decoder: 'vae',
        gpus: timing.gpus ?? (isSeed ? 1 : null),
      },
      stages: {
        ...parts,
        init: figure(seconds('model_init')),
        total: isSeed && steps !== null ? totalAt(parts, steps, steps) : figure(total_s),
        wall: isSeed ? figure(total_s) : null,
      },
      timingBoundary: isSeed ? WAN22_ENHANCED_CLOCK : null,
      peakMemoryBytes: timing.peak_memory_gib ? timing.peak_memory_gib * 2 ** 30 : null,
      extra: { ...timing },
    },
  );
}

/** '…/01_Speed_Preview_480p.json' → '01 Speed Preview 480p', as the raw files are called. */
const caseName = (source: string) => /([^/]+)\.json$/.exec(source)![1]!.replaceAll('_', ' ');

/** 'owner/name@commit:path', 'owner/name issue #1', 'owner/name:path' or an address. */
function urlOf(source: string): string {
  if (source.startsWith('https://')) return source;
  const [, repository = ''] = /^([\w.-]+\/[\w.-]+)/.exec(source) ?? [];
  const at = /@(\w+):(\S+)/.exec(source);
  const issue = /issues? #(\d+)/.exec(source);
  const rest = at ? `/blob/${at[1]}/${at[2]}` : issue ? `/issues/${issue[1]}` : '';
  return `https://github.com/${repository}${rest}`;
}
