/**
 * A rate for each kind of work, from a slice of the reference workload
 * (slice_work.ts) that is small enough for any machine.
 *
 * A slice is grown until it takes about the time asked for, then repeated.
 */
import { expectFinite } from '../core/deviation';
import { median } from '../core/median';
import type { BoundProgram } from '../gpu/bind';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type Recorder, type RecorderOptions, record } from '../gpu/program';
import { runUntilSteady } from '../gpu/steady';
import { elements, externalTensor, type Tensor } from '../gpu/tensor';
import type { PassTime } from '../gpu/timestamps';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { sourceFor } from '../pipeline/int8_source';
import type { WeightSource } from '../pipeline/weight_source';
import { SLICES, type Slice } from './slice_work';
import { type Effort, effortOf, type WorkKind } from './work';

export interface SliceRate {
  readonly kind: WorkKind;
  readonly flopsPerSecond: number;
  readonly rows: number;
  /** Seconds of each repeat, and the work one repeat did. */
  readonly samples: readonly number[];
  readonly cost: Effort;
  /** The same weights with so few rows that going through them is most of it; absent where the slice has none, or few rows. */
  readonly few?: { readonly samples: readonly number[]; readonly computedFlops: number };
  /** Sum of timestamped passes over wall time, or null. */
  readonly gpuBusy: number | null;
  /** One more run with a pass for each dispatch. */
  readonly passes: readonly PassTime[];
}

export interface SliceOptions {
  readonly settings: RecorderOptions;
  readonly source: WeightSource;
  /** About how long one repeat should take. */
  readonly seconds: number;
  readonly repeats: number;
  readonly signal?: AbortSignal | undefined;
}

/** Elements of each result that are looked at. */
const CHECKED = 4096;

/** With `earlier`, of the same rows as then, and the samples of both: a machine's speed wanders, and a GPU grows warm. Throws not-finite. */
export async function measureSlice(
  context: GpuContext,
  kind: WorkKind,
  asked: SliceOptions,
  earlier?: SliceRate,
): Promise<SliceRate> {
  // The transformer's linear layers may round what they multiply; nothing else does.
  const products = kind === 'linear' ? asked.settings.products : 'exact';
  const source = sourceFor(context, asked.source, products);
  const options = { ...asked, source, settings: { ...asked.settings, products } };
  const slice = SLICES[kind](options.settings, source);
  const { memory } = context;
  const measured = (rows: number, mayGrow: boolean, seconds = options.seconds) =>
    measureRows(context, kind, slice, rows, { ...options, seconds }, mayGrow);
  await memory.allocate([...slice.weights.values()]);
  try {
    await options.source.fill(slice.weights, { signal: options.signal });
    let rate = await measured(earlier?.rows ?? slice.firstRows, !earlier);
    while (rate.samples.length < options.repeats) {
      const wanted = Math.floor((rate.rows * options.seconds) / Math.max(median(rate.samples), 1e-4));
      rate = await measured(Math.min(slice.mostRows, wanted), true);
    }
    if (slice.weights.size > 0 && rate.rows > slice.firstRows) {
      const few = await measured(slice.firstRows, false, options.seconds / 4);
      const { computedFlops } = few.cost;
      // Where one tile holds both, a line through the two would have no slope, or that of the noise.
      if (rate.cost.computedFlops >= 2 * computedFlops)
        rate = { ...rate, few: { samples: few.samples, computedFlops } };
    }
    return earlier ? together(earlier, rate) : rate;
  } finally {
    memory.free([...slice.weights.values()]);
  }
}

function together(earlier: SliceRate, later: SliceRate): SliceRate {
  const samples = [...earlier.samples, ...later.samples];
  const rate = { ...earlier, samples, flopsPerSecond: earlier.cost.flops / median(samples) };
  if (!earlier.few || !later.few) return rate;
  return { ...rate, few: { ...earlier.few, samples: [...earlier.few.samples, ...later.few.samples] } };
}

/**
 * One trial; if it may grow and a larger number of rows would still be quick enough, that is all, else the repeats
 * follow, each as many times as the time asked for allows.
 */
async function measureRows(
  context: GpuContext,
  kind: WorkKind,
  slice: Slice,
  rows: number,
  { settings, source, seconds, repeats, signal }: SliceOptions,
  mayGrow: boolean,
): Promise<SliceRate> {
  const { memory, runner } = context;
  const { inputs, numbers = new Map(), build } = slice.prepare(rows);
  const { activation = settings.activation } = slice;
  const options = { ...settings, activation };
  const { program } = record(`${kind} slice`, options, (r) => build(r, () => {}));
  const checked = record(`${kind} slice, checked`, options, (r) => {
    const begins: Tensor[] = [];
    build(r, (result) => begins.push(begin(r, result)));
    return begins;
  });
  const tensors = [...inputs.values(), ...numbers.keys(), ...checked.result];
  await memory.allocate(tensors);
  try {
    const bound = await bindTogether(context, [checked.program, program], signal);
    try {
      const [once, timed] = bound.programs.map((each) => [each]) as [[BoundProgram], [BoundProgram]];
      await source.fill(inputs, { signal });
      for (const [tensor, values] of numbers) writeNumbers(memory, tensor, values);
      const first = await runner.run(once, { signal }); // warms the caches
      for (const part of checked.result)
        expectFinite(`The results of the slice ${kind}`, await readNumbers(memory, part, signal));
      const trial = await runner.run(timed, { signal });
      const most = Math.min(slice.mostRows, (rows * seconds) / Math.max(trial.wallSeconds, 1e-4));
      const growing = mayGrow && most >= 2 * rows;
      if (!growing && !context.device.machine.software) await runUntilSteady(context, timed, signal);
      const count = growing ? 1 : Math.max(1, Math.round(seconds / Math.max(trial.wallSeconds, 1e-4)));
      const programs = Array.from({ length: count }, () => timed).flat();
      // A run of seconds, as a CPU's are, counts whatever else it is for: beside it what is copied to be looked at, caches
      // that are cold, and a pass for each dispatch are nothing.
      const eachCounts = count === 1 && context.device.machine.software;
      const before = eachCounts ? Math.max(1, repeats - 1) : repeats; // the last is the run below that times each dispatch
      const times = growing ? [trial] : eachCounts ? [trial, first].slice(0, before) : [];
      while (!growing && times.length < before) times.push(await runner.run(programs, { signal }));
      const apart = growing ? null : await runner.run(timed, { signal, timing: 'dispatch' });
      if (apart && eachCounts) times.push(apart);
      const samples = times.map(({ wallSeconds }) => wallSeconds / count); // as the stages of a clip are timed
      const wall = times.reduce((total, time) => total + time.wallSeconds, 0);
      const busy = times.every(({ gpuSeconds }) => gpuSeconds !== null)
        ? times.reduce((total, time) => total + time.gpuSeconds!, 0) / wall
        : null;
      const cost = effortOf(program.commands);
      return {
        ...{ kind, rows, samples, cost, passes: apart?.passes ?? [] },
        flopsPerSecond: cost.flops / median(samples),
        gpuBusy: busy,
      };
    } finally {
      bound.destroy();
    }
  } finally {
    memory.free(tensors);
  }
}

/** A copy of the first elements, which outlives the program. */
function begin(r: Recorder, result: Tensor): Tensor {
  const shape = [Math.min(CHECKED, elements(result.shape))];
  const kept = externalTensor('checked', shape, result.type);
  r.copy('checked', { ...result, shape }, kept);
  return kept;
}
