/** Which candidates of a case work here: they compile, run, and come to the default's result. */
import { deviation } from '../core/deviation';
import { AppError } from '../core/errors';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type RecorderOptions, record } from '../gpu/program';
import { ELEMENT_BYTES, elements, externalTensor, type Tensor } from '../gpu/tensor';
import { readNumbers } from '../gpu/transfer';
import type { Tuning } from '../kernels/kernel';
import { type Racer, secondsOf } from './race';
import { always, type CaseTensors } from './record_case';

/** Sums in another order differ by far less; half precision rounds results, and what is staged for matrix units. */
const MOST_RELATIVE = { f32: 1e-4, f16: 1e-2 } as const;
/** A candidate this much slower than the fastest so far is not run again: it is sound, and will not win. */
const HOPELESS = 4;
/** Elements of the beginning and of the end, where tiles stick out, that are compared. */
const SAMPLE = 32_768;

export interface Unsound {
  readonly tuning: Tuning;
  readonly reason: string;
}

/** What a candidate may fail by; anything else ends the tuning. */
const OWN_FAULTS = ['shader-invalid', 'gpu-failed', 'limit-too-low'];

/**
 * The first of `candidates` is the default, whose result the others are held to. All of the case's tensors have memory
 * and values. Throws AppError cancelled, device-lost, out-of-memory.
 */
export async function soundOf(
  context: GpuContext,
  options: RecorderOptions,
  tensors: CaseTensors,
  candidates: readonly Tuning[],
  signal?: AbortSignal,
): Promise<{ sound: Racer[]; unsound: Unsound[] }> {
  const sound: Racer[] = [];
  const unsound: Unsound[] = [];
  let expected: Float32Array | null = null;
  for (const tuning of candidates) {
    try {
      const fastest = Math.min(...sound.map(({ roughSeconds }) => roughSeconds));
      const settings = always(options, tuning);
      const { values, seconds, type } = await tryOnce(context, settings, tensors, HOPELESS * fastest, signal);
      expected ??= values;
      const { relL2 } = deviation(values, expected);
      if (!(relL2 < MOST_RELATIVE[type])) {
        const reason = `Its result is ${relL2.toPrecision(2)} from the default's, and at most ${MOST_RELATIVE[type]} would be rounding.`;
        unsound.push({ tuning, reason });
        if (sound.length === 0) break; // the default's own result is no numbers: there is nothing to hold to
        continue;
      }
      sound.push({ tuning, roughSeconds: seconds });
    } catch (failure) {
      if (!(failure instanceof AppError) || !OWN_FAULTS.includes(failure.code)) throw failure;
      unsound.push({ tuning, reason: failure.message });
      if (!expected) break;
    }
  }
  return { sound, unsound };
}

/** What takes longer than `mostSeconds` is run once alone. */
async function tryOnce(
  context: GpuContext,
  options: RecorderOptions,
  { call }: CaseTensors,
  mostSeconds: number,
  signal?: AbortSignal,
): Promise<{ values: Float32Array; seconds: number; type: 'f32' | 'f16' }> {
  const { memory, runner } = context;
  const { program, result: sample } = record('sample', options, (r) => {
    const result = call(r, 0);
    const [begin, end] = endsOf(result);
    const kept = [begin, end].map(({ shape, type }) => externalTensor('sample', shape, type)) as [Tensor, Tensor];
    r.copy('sample', begin, kept[0]);
    r.copy('sample', end, kept[1]);
    return kept;
  });
  await memory.allocate(sample);
  try {
    const bound = await bindTogether(context, [program], signal);
    try {
      const run = async () => secondsOf(context, await runner.run(bound.programs, { signal }));
      let seconds = await run(); // and a CPU compiles at first use
      if (options.software || seconds < mostSeconds) seconds = await run();
      const [begin, end] = [await readNumbers(memory, sample[0], signal), await readNumbers(memory, sample[1], signal)];
      const values = new Float32Array(begin.length + end.length);
      values.set(begin);
      values.set(end, begin.length);
      return { values, seconds, type: sample[0].type === 'f16' ? 'f16' : 'f32' };
    } finally {
      bound.destroy();
    }
  } finally {
    memory.free(sample);
  }
}

/** The same memory, flat. */
function endsOf(result: Tensor): [Tensor, Tensor] {
  const all = elements(result.shape);
  const count = Math.min(all, SAMPLE);
  const part = (start: number): Tensor => ({
    ...result,
    shape: [count],
    offsetBytes: result.offsetBytes + start * ELEMENT_BYTES[result.type],
  });
  return [part(0), part(all - count)];
}
