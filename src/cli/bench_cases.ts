/** `bench --matrix`: every combination of clips, weights, offload and batch, as a table that grows as cases are done. */
import { CASE_OFFLOADS, type CaseMatrix, casesOf, measureCases, syntheticNetwork } from '../bench/cases';
import { presetOf } from '../bench/presets';
import { AppError } from '../core/errors';
import type { Products } from '../core/products';
import type { BenchmarkResult, CaseResult } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { SYNTH_TYPES } from '../pipeline/synth_bytes';
import { byteOption, oneOf, say, UsageError } from './command';
import { clearLine, progressLine } from './progress_line';

/** So that a case has a middle, and what strays from it shows. */
export const LEAST_STEPS = 3;

export const MATRIX_HELP = `With --matrix the cases follow the benchmark: guided steps for every combination of these, each a list with commas.
They stand in the result, too:
  --preset 832x480            with --frames, or whole clips: 832x480x33; of any size (256x256x5)
  --frames 17,33,121          4n + 1; 121 is 5 s
  --weights bf16,q8_0         ${SYNTH_TYPES.join(', ')}: synthetic (bf16)
  --offload resident,stream   ${CASE_OFFLOADS.join(', ')} (resident,stream); partial keeps what --memory allows,
                              or half of the weights
  --batch 1,2,4               videos made at once (1)
  --memory 8GiB               GPU memory for the transformer in all`;

type Values = Readonly<Partial<Record<'preset' | 'frames' | 'weights' | 'offload' | 'batch' | 'memory', string>>>;

const listOf = (value: string) => value.split(',').map((each) => each.trim());

/** Throws UsageError for a word that is none, AppError input-invalid for a clip or a batch that cannot be. */
export function matrixOf({ preset, frames, weights, offload, batch, memory }: Values): CaseMatrix {
  const sizes = listOf(preset ?? '256x256x5');
  const ids = frames === undefined ? sizes : sizes.flatMap((size) => listOf(frames).map((count) => `${size}x${count}`));
  const matrix: CaseMatrix = {
    clips: ids.map((id) => presetOf(id)),
    weights: listOf(weights ?? 'bf16').map((type) => oneOf('weights', type, SYNTH_TYPES)),
    offloads: listOf(offload ?? 'resident,stream').map((where) => oneOf('offload', where, CASE_OFFLOADS)),
    batches: listOf(batch ?? '1').map((count) => {
      if (!/^\d+$/.test(count))
        throw new UsageError(`--batch is a list of whole numbers such as 1,2,4, not "${batch}".`);
      return Number(count);
    }),
    memoryBytes: memory === undefined ? null : byteOption('memory', memory),
  };
  casesOf(matrix); // what is wrong with it is said before anything runs
  return matrix;
}

interface MatrixOptions {
  readonly steps: number;
  readonly products: Products;
  readonly signal: AbortSignal;
  readonly keep: (finished: readonly CaseResult[]) => void;
}

/**
 * After the benchmark on the same context, whose rates tell how long it will take. When stopped, `keep` has what was
 * finished; then it rejects.
 */
export async function benchCases(
  context: GpuContext,
  matrix: CaseMatrix,
  { roofs }: BenchmarkResult,
  { steps, products, signal, keep }: MatrixOptions,
): Promise<void> {
  const wishes = casesOf(matrix);
  const finished: CaseResult[] = [];
  say(`${wishes.length} cases, of each the median of ${steps} guided steps, after one that warms up:`);
  say(TITLES.map((title, column) => title.padStart(WIDTHS[column]!)).join(' '));
  try {
    await measureCases(context, syntheticNetwork(context), wishes, {
      steps,
      rates: { ceiling: context.runner.ceiling, uploadBytesPerSecond: roofs.uploadBytesPerSecond },
      products,
      signal,
      emit: progressLine,
      onCase(result) {
        finished.push(result);
        clearLine();
        say(caseRow(result, finished));
      },
    });
  } catch (failure) {
    clearLine();
    if (failure instanceof AppError && failure.code === 'cancelled')
      throw new AppError('cancelled', `Stopped after ${finished.length} of ${wishes.length} cases.`, {
        cause: failure,
      });
    throw failure;
  } finally {
    keep(finished);
  }
}

/** The table's columns; those after the batch are of what was measured. */
const TITLES = [
  'clip',
  'weights',
  'offload',
  'batch',
  's a step',
  'videos·steps/s',
  'gain',
  'peak GiB',
  'streamed GiB',
  'exposed s',
  'hidden s',
];
const WIDTHS = [14, 7, 8, 5, 9, 14, 6, 8, 12, 9, 8];

/** Guided steps of one video in a second: what a batch is for. */
const throughput = ({ key, step }: CaseResult) => (step ? key.batch / step.seconds : null);

/** `before`: cases of the same run; the gain is over the first of the same clip that was measured. */
export function caseRow(result: CaseResult, before: readonly CaseResult[]): string {
  const { key, step, failure, peakGpuBytes, streamedBytesPerStep, exposedSeconds, hiddenSeconds } = result;
  const first = before.find((each) => each.step && each.key.preset === key.preset);
  const [own, others] = [throughput(result), first ? throughput(first) : null];
  const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(2);
  const cells = [
    key.preset,
    key.weights,
    key.offload,
    String(key.batch),
    ...(step && own !== null && others !== null
      ? [
          step.seconds.toPrecision(4),
          own.toPrecision(4),
          `${(own / others).toFixed(2)}×`,
          gib(peakGpuBytes),
          gib(streamedBytesPerStep),
          exposedSeconds.toPrecision(3),
          hiddenSeconds.toPrecision(3),
        ]
      : []),
  ].map((cell, column) => cell.padStart(WIDTHS[column]!));
  return [...cells, ...(failure ? [` ${failure.message}`] : [])].join(' ');
}
