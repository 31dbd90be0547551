/** `bench`: the page's benchmark, in Node. */
import { PRESETS } from '../bench/presets';
import { runQuick } from '../bench/quick';
import type { BenchmarkResult, Figure } from '../core/result';
import { openContext } from '../gpu/context';
import { calibrateUpload } from '../gpu/probe';
import { SYNTH_TYPES } from '../pipeline/synth_bytes';
import { remarks as REMARKS, remarkText } from '../words/remarks_en';
import { benchCases, LEAST_STEPS, MATRIX_HELP, matrixOf } from './bench_cases';
import { benchStreaming, streamingSummary } from './bench_streaming';
import { byteOption, type Command, oneOf, parseOptions, say, UsageError, writeJson } from './command';
import { openNodeDevice } from './gpu';
import { clearLine, progressLine } from './progress_line';

const HELP = `wanscope bench: what this machine does with Wan2.2 TI2V-5B

Usage: wanscope bench [OPTIONS]

  --preset P      ${PRESETS.map(({ id }) => id).join(', ')}
                  (unless given: the largest that fits in half a minute)
  --repeats N     measured steps (3), after one that warms up
  --json FILE     write the result, which the page's Compare view opens

With any of these, only guided steps of the transformer run, with all of its weights where they are told to be:
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
    const { values } = parseOptions(args, {
      preset: { type: 'string' },
      repeats: { type: 'string', default: '3' },
      json: { type: 'string' },
      offload: { type: 'string' },
      memory: { type: 'string' },
      weights: { type: 'string' },
      matrix: { type: 'boolean', default: false },
      frames: { type: 'string' },
      batch: { type: 'string' },
    });
    const matrix = values.matrix ? matrixOf(values) : null;
    if (!matrix && (values.frames ?? values.batch) !== undefined)
      throw new UsageError('--frames and --batch are lists of a --matrix.');
    const steps = Number(values.repeats);
    if (!Number.isInteger(steps) || steps < 1 || steps > 50)
      throw new UsageError(`--repeats is a whole number from 1 to 50, not "${values.repeats}".`);
    if (matrix && steps < LEAST_STEPS)
      throw new UsageError(`--repeats of a matrix is ${LEAST_STEPS} or more, not "${values.repeats}".`);
    const preset =
      values.preset === undefined || matrix
        ? null
        : oneOf(
            'preset',
            values.preset,
            PRESETS.map(({ id }) => id),
          );

    const stop = new AbortController();
    process.once('SIGINT', () => stop.abort());
    const began = performance.now();
    const context = openContext(await openNodeDevice());
    const initSeconds = (performance.now() - began) / 1000;
    const { machine } = context.device;
    say(
      `${machine.adapter}${machine.software ? ' (software: a CPU)' : ''} · ${machine.runtime} · tier ${machine.tier}`,
    );
    const { offload, memory, weights } = values;
    if (!matrix && (offload !== undefined || memory !== undefined || weights !== undefined)) {
      const placement = {
        residency: oneOf('offload', offload ?? 'stream', ['resident', 'stream']),
        memoryBytes: memory === undefined ? undefined : byteOption('memory', memory),
      };
      await calibrateUpload(context);
      const result = await benchStreaming(context, weights, {
        preset,
        steps,
        ...placement,
        signal: stop.signal,
        emit: progressLine,
      });
      clearLine();
      for (const text of streamingSummary(result)) say(text);
      await writeJson(values.json, result);
      return 0;
    }
    const result = await runQuick(context, { preset, steps, initSeconds, signal: stop.signal, emit: progressLine });
    clearLine();
    for (const line of summary(result)) say(line);
    let cases: BenchmarkResult['cases'] = [];
    try {
      if (matrix)
        await benchCases(context, matrix, result, {
          steps,
          signal: stop.signal,
          keep: (finished) => (cases = finished),
        });
    } finally {
      await writeJson(values.json, { ...result, cases });
    }
    return 0;
  },
};

function summary({ key, stages, projection, roofs, counts, remarks }: BenchmarkResult): string[] {
  const line = (name: string, { kind, seconds, samples }: Figure) =>
    `  ${name.padEnd(8)} ${seconds.toPrecision(4).padStart(10)} s  ${kind}${samples.length > 1 ? ` (${Math.min(...samples).toPrecision(3)}–${Math.max(...samples).toPrecision(3)})` : ''}`;
  const block = (title: string, figures: BenchmarkResult['stages']) => [
    title,
    ...Object.entries(figures).map(([name, figure]) => line(name, figure)),
  ];
  return [
    `roofs: ${(roofs.fp32FlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s fp32, ${roofs.f16FlopsPerSecond === null ? 'no f16' : `${(roofs.f16FlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s f16`}, ${roofs.matrixFlopsPerSecond === null ? 'no matrix units' : `${(roofs.matrixFlopsPerSecond / 1e12).toPrecision(3)} TFLOP/s on matrix units`}, ${(roofs.bytesPerSecond / 1e9).toPrecision(3)} GB/s, upload ${(roofs.uploadBytesPerSecond / 1e9).toPrecision(3)} GB/s`,
    ...block(`${key.preset}, ${key.steps} steps:`, stages),
    ...block(
      `${projection.key.preset} (${projection.key.tokens} tokens), the published runs' clip:`,
      projection.stages,
    ),
    `GPU busy ${counts.gpuBusy === null ? 'unknown' : `${(counts.gpuBusy * 100).toFixed(0)} %`}, ${counts.dispatchesPerStep} dispatches a step, peak ${(counts.peakGpuBytes / 2 ** 20).toFixed(0)} MiB`,
    ...remarks.map((remark) => `! ${remarkText(remark, { remarks: REMARKS })}`),
  ];
}
