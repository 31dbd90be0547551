/** `bench`: the page's benchmark, in Node. */
import { planBenchmark } from '../bench/estimate';
import { memoryWithin } from '../bench/memory_within';
import { MODES, runBenchmark } from '../bench/modes';
import { PRESETS, SMALL_PRESETS } from '../bench/presets';
import { nowMs } from '../core/clock';
import type { Products } from '../core/products';
import type { BenchmarkResult, Figure } from '../core/result';
import { estimateRun, type ModePlan } from '../core/run_plan';
import type { GpuContext } from '../gpu/context';
import { calibrateUpload } from '../gpu/probe';
import { activationFor, recorderOptions } from '../pipeline/options';
import { SYNTH_TYPES } from '../pipeline/synth_bytes';
import { TUNING_SECONDS } from '../tuning/tuner';
import { en } from '../words/en';
import { aboutDuration, byteCount } from '../words/format';
import { memoryLines } from '../words/memory_lines';
import { remarkText } from '../words/remarks_en';
import { tuning as TUNING } from '../words/tuning_en';
import { benchCases, LEAST_STEPS, MATRIX_HELP, matrixOf } from './bench_cases';
import { benchStreaming, planStreaming, streamingSummary } from './bench_streaming';
import { byteOption, type Command, complain, oneOf, parseOptions, say, UsageError } from './command';
import { jsonFile } from './json_file';
import { openNodeContext } from './node_context';
import { clearLine, progressLine } from './progress_line';
import { tuneHere } from './tune';

const HELP = `wanscope bench: what this machine does with Wan2.2 TI2V-5B

Usage: wanscope bench [OPTIONS]

  --mode M        quick (unless given): half a minute on a GPU: roofs, slices of every stage, a small clip
                  standard: minutes: whole blocks at the reference's 27,280 and 36,080 tokens, a larger clip
                  full: one clip from the first token to the last frame, with all weights; nothing is projected
  --preset P      ${[...SMALL_PRESETS, ...PRESETS].map(({ id }) => id).join(', ')}
                  (unless given: the largest that fits into the mode's time)
  --repeats N     measured steps, after one that warms up (quick 5, standard 5; fewer on software adapters)
  --steps N       all steps of --mode full (50; on software adapters 5)
  --int8          round what the transformer's linear layers multiply to 8 bits: weights become q8_0 as they are
                  loaded, activations as they come; for all below, too, and named in the result
  --json FILE     write the result, which the page's Compare view opens
  --no-tune       leave the kernels as they are where this GPU was not tuned yet
  --plan          only say what would run, how long it may take, and how much GPU memory each stage takes

  --memory 2GiB   with --mode full: GPU memory for all of it; what does not fit is streamed

With --offload or --weights, or --memory and no --mode, only guided steps of the transformer run, with all of its
weights where they are told to be:
  --offload resident|stream   keep all weights in GPU memory, or bring them as their turn comes
  --memory 2GiB               GPU memory for the transformer in all: what fits stays, the rest is streamed
  --weights TYPE|PATH|URL     ${SYNTH_TYPES.join(', ')}: synthetic, out of this process's memory (bf16);
                              or a checkpoint, read as it is streamed

${MATRIX_HELP}

Synthetic weights at full width: nothing is downloaded. What is too large to run is
scaled up from slices, and says so. Ctrl-C stops within a second.`;

export const bench: Command = {
  summary: 'time every stage of Wan2.2 TI2V-5B on this machine',
  help: HELP,

  async run(args) {
    const { values, positionals } = parseOptions(args, {
      preset: { type: 'string' },
      mode: { type: 'string' },
      repeats: { type: 'string' },
      steps: { type: 'string' },
      json: { type: 'string' },
      plan: { type: 'boolean', default: false },
      offload: { type: 'string' },
      memory: { type: 'string' },
      weights: { type: 'string' },
      int8: { type: 'boolean', default: false },
      matrix: { type: 'boolean', default: false },
      frames: { type: 'string' },
      batch: { type: 'string' },
      'no-tune': { type: 'boolean', default: false },
    });
    if (positionals.length > 0) throw new UsageError(`bench takes no "${positionals[0]}".`);
    const { offload, memory, weights } = values;
    const matrix = values.matrix ? matrixOf(values) : null;
    if (!matrix && (values.frames ?? values.batch) !== undefined)
      throw new UsageError('--frames and --batch are lists of a --matrix.');
    const mode = oneOf('mode', values.mode ?? 'quick', MODES);
    const streaming =
      !matrix && (offload !== undefined || weights !== undefined || (memory !== undefined && !values.mode));
    if (streaming && values.mode !== undefined)
      throw new UsageError('--offload and --weights are not for --mode: full keeps all weights that fit.');
    if (memory !== undefined && !matrix && !streaming && mode !== 'full')
      throw new UsageError(`--memory is for --mode full, not for ${mode}.`);
    const full = mode === 'full' && !streaming;
    const products: Products = values.int8 ? 'int8' : 'exact';
    if (values.steps !== undefined && !full) throw new UsageError('--steps are those of --mode full; else --repeats.');
    if (values.repeats !== undefined && full && !matrix)
      throw new UsageError('--mode full has --steps, not --repeats.');
    const repeats = count('repeats', values.repeats);
    if (matrix && values.plan)
      throw new UsageError('--plan is not for a --matrix: it plans every case before any runs.');
    if (matrix && repeats !== null && repeats < LEAST_STEPS)
      throw new UsageError(`--repeats of a matrix is ${LEAST_STEPS} or more, not "${values.repeats}".`);
    const memoryBytes = memory === undefined || matrix ? undefined : byteOption('memory', memory);
    const presets = streaming || mode === 'quick' ? PRESETS : [...SMALL_PRESETS, ...PRESETS];
    const ids = presets.map(({ id }) => id);
    const preset = values.preset === undefined || matrix ? null : oneOf('preset', values.preset, ids);
    const steps = full ? count('steps', values.steps) : repeats;
    const writeJson = await jsonFile(values.json);

    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const began = nowMs();
    const context = await openNodeContext();
    const initSeconds = (nowMs() - began) / 1000;
    const { machine } = context.device;
    say(
      `${machine.adapter}${machine.software ? ' (software: a CPU)' : ''} · ${machine.runtime} · tier ${machine.tier}`,
    );
    if (!context.tuning.settled && !values['no-tune'] && !values.plan) await tuneHere(context, stop.signal);
    if (streaming) {
      const residency = oneOf('offload', offload ?? 'stream', ['resident', 'stream']);
      const what = { preset, steps: repeats ?? LEAST_STEPS, residency, memoryBytes, products };
      if (values.plan) {
        for (const line of await planStreaming(context, weights, what)) say(line);
        return 0;
      }
      await calibrateUpload(context);
      const result = await benchStreaming(context, weights, {
        ...what,
        signal: stop.signal,
        emit: progressLine,
      });
      clearLine();
      for (const text of streamingSummary(result)) say(text);
      await writeJson(result);
      return 0;
    }
    const tunes = !context.tuning.settled && !values['no-tune']; // only ever where it plans and does no more
    const plan = planBenchmark(context, products, tunes ? TUNING_SECONDS : 0)[mode];
    say(`${mode}: ${planLine(plan, preset, steps, memoryBytes)}, nothing to download`);
    if (values.plan) {
      for (const line of memoryPlan(context, plan, preset, steps, { memoryBytes, products })) say(line);
      return 0;
    }
    const options = { preset, steps, memoryBytes, products, initSeconds, signal: stop.signal, emit: progressLine };
    const result = await runBenchmark(context, mode, options);
    clearLine();
    for (const line of summary(result)) say(line);
    let cases: BenchmarkResult['cases'] = [];
    try {
      if (matrix)
        await benchCases(context, matrix, result, {
          steps: repeats ?? LEAST_STEPS,
          products,
          signal: stop.signal,
          keep: (finished) => (cases = finished),
        });
    } catch (failure) {
      await writeJson({ ...result, cases }).catch(({ message }: Error) => complain(message));
      throw failure;
    }
    await writeJson({ ...result, cases });
    return 0;
  },
};

function count(option: string, given: string | undefined): number | null {
  if (given === undefined) return null;
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1 || number > 100)
    throw new UsageError(`--${option} is a whole number from 1 to 100, not "${given}".`);
  return number;
}

/** What will run, how long it may take and in how much memory, as far as that is known before. */
function planLine(
  plan: ModePlan,
  preset: string | null,
  steps: number | null,
  mostBytes = Number.POSITIVE_INFINITY,
): string {
  const { clip, seconds, peakBytes } = estimateRun(plan, preset, steps);
  const about = aboutDuration(seconds, en);
  const guess = plan.ratesAssumed ? ' (a guess: this GPU is only measured as the run begins)' : '';
  return `${clip?.id ?? 'slices alone'}, ${about}, ${byteCount(Math.min(peakBytes, mostBytes))} of GPU memory${guess}`;
}

/** Of each stage of the clip that would run. */
function memoryPlan(
  context: GpuContext,
  plan: ModePlan,
  preset: string | null,
  steps: number | null,
  { memoryBytes, products }: { readonly memoryBytes: number | undefined; readonly products: Products },
): string[] {
  const estimate = estimateRun(plan, preset, steps);
  if (!estimate.clip) return [];
  const settings = recorderOptions(context, activationFor(context), products);
  const within = memoryBytes === undefined ? {} : memoryWithin(settings, estimate.clip, estimate.steps, memoryBytes);
  return memoryLines({ ...estimate.clip.memory, ...within }, en);
}

function summary({ key, stages, projection, checks, tuning, roofs, counts, remarks }: BenchmarkResult): string[] {
  const line = (name: string, { kind, seconds, samples }: Figure) =>
    `  ${name.padEnd(8)} ${seconds.toPrecision(4).padStart(10)} s  ${kind}${samples.length > 1 ? ` (${Math.min(...samples).toPrecision(3)}–${Math.max(...samples).toPrecision(3)})` : ''}`;
  const block = (title: string, figures: BenchmarkResult['stages']) => [
    title,
    ...Object.entries(figures).map(([name, figure]) => line(name, figure)),
  ];
  return [
    `roofs: ${(roofs.fp32FlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s fp32, ${roofs.f16FlopsPerSecond === null ? 'no f16' : `${(roofs.f16FlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s f16`}, ${roofs.matrixFlopsPerSecond === null ? 'no matrix units' : `${(roofs.matrixFlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s on matrix units`}, ${(roofs.bytesPerSecond / 1e9).toPrecision(3)} GB/s, upload ${(roofs.uploadBytesPerSecond / 1e9).toPrecision(3)} GB/s`,
    ...block(`${key.preset}, ${key.steps} steps, ${key.activations}, weights ${key.weights}, ${key.offload}:`, stages),
    ...block(
      `${projection.key.preset} (${projection.key.tokens} tokens), the published runs' clip:`,
      projection.stages,
    ),
    ...checks.map(
      ({ key, stage, measuredSeconds, projectedSeconds }) =>
        `  ${stage} of ${key.preset}: ${measuredSeconds.toPrecision(4)} s measured, ${projectedSeconds.toPrecision(4)} s foretold by slices (${percent(projectedSeconds / measuredSeconds - 1)})`,
    ),
    ...(tuning ? [TUNING.sources[tuning]] : []),
    `outside kernels ${counts.gpuBusy === null ? 'an unknown share' : `${(100 * (1 - counts.gpuBusy)).toPrecision(2)} %`} of a step, ${counts.dispatchesPerStep} dispatches a step, peak ${(counts.peakGpuBytes / 2 ** 20).toFixed(0)} MiB`,
    ...remarks.map((remark) => `! ${remarkText(remark, en)}`),
  ];
}

const percent = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(0)} %`;
