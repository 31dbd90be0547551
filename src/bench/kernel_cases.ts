/**
 * Each kernel alone, at the shapes the model has, in every tuning and stored type on offer: what
 * `kernels` on the command line prints, and what tuning is decided by.
 */
import { median } from '../core/median';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type Recorder, record } from '../gpu/program';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { writeBytes } from '../gpu/transfer';
import { ATTENTION_VARIANTS, attention } from '../kernels/attention';
import { MATRIX_ATTENTION_VARIANTS } from '../kernels/attention_matrix';
import { type MatmulSize, matmul } from '../kernels/matmul';
import { rmsRope } from '../kernels/rms_rope';
import { rowNorm } from '../kernels/row_norm';
import { type TileTuning, tileCandidates } from '../kernels/tile';
import { recorderOptions } from '../pipeline/options';
import { synthSource } from '../pipeline/synth_source';
import { WEIGHT_FORMATS, type WeightType } from '../weights/weight_types';
import { secondsOf } from './roofs';

export interface KernelCase {
  readonly kernel: string;
  /** Shape and element types, for people. */
  readonly title: string;
  readonly tuning: Readonly<Record<string, number>>;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly activation: 'f32' | 'f16';
  readonly build: (r: Recorder) => void;
}

export interface KernelTime {
  readonly kernel: string;
  readonly title: string;
  readonly tuning: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly samples: readonly number[];
  readonly flopsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Rows of matrix products to try: 16 tokens, the smallest preset, a small clip, the reference's own. */
const ROWS = { software: [16, 64], gpu: [128, 1100, 8192] };
const DIM = 3072;
const FFN = 14336;

export function kernelCases(context: GpuContext, activation: 'f32' | 'f16'): KernelCase[] {
  const { software } = context.device.machine;
  const rows = software ? ROWS.software : ROWS.gpu;
  const tokens = software ? 256 : 8192;
  const options = recorderOptions(context, activation);
  const matrices = activation === 'f16' && options.matrices;
  const cases: KernelCase[] = [];
  const products = rows.flatMap((count) =>
    (software
      ? [[DIM, DIM]]
      : [
          [DIM, DIM],
          [FFN, DIM],
          [DIM, FFN],
        ]
    ).map(([columns, depth]) => ({ rows: count, columns: columns!, depth: depth! })),
  );
  for (const size of products)
    for (const tuning of tileCandidates(options, { ...size, left: activation, weight: 'bf16' }))
      cases.push(matmulCase(size, 'bf16', activation, tuning));
  // What decoding costs does not depend on the tuning: the other types in one.
  const sample = { rows: rows.at(software ? -1 : 0)!, columns: DIM, depth: DIM };
  for (const type of Object.keys(WEIGHT_FORMATS) as WeightType[])
    if (type !== 'bf16') {
      const [tuning] = tileCandidates(options, { ...sample, left: activation, weight: type });
      cases.push(matmulCase(sample, type, activation, tuning!));
    }
  for (const tuning of software
    ? [undefined]
    : [...(matrices ? MATRIX_ATTENTION_VARIANTS : []), ...ATTENTION_VARIANTS]) {
    const heads = software ? 2 : 24;
    const [q, k, v] = ['q', 'k', 'v'].map((name) => externalTensor(name, [tokens, heads * 128], activation)) as [
      Tensor,
      Tensor,
      Tensor,
    ];
    cases.push({
      kernel: 'attention',
      title: `${tokens} tokens, ${heads} heads of 128, ${activation}`,
      tuning: tuning ?? {},
      activation,
      inputs: new Map([
        ['q', q],
        ['k', k],
        ['v', v],
      ]),
      build: (r) => void attention(r, q, k, v, { label: 'attention', heads, ...(tuning && { tuning }) }),
    });
  }
  const x = externalTensor('x', [tokens, DIM], 'f32');
  const gain = externalTensor('gain', [DIM], 'f32');
  cases.push({
    kernel: 'row_norm',
    title: `${tokens}×${DIM}`,
    tuning: {},
    activation,
    inputs: new Map([
      ['x', x],
      ['gain', gain],
    ]),
    build: (r) =>
      void rowNorm(r, x, { kind: 'affine', weight: gain, bias: gain }, { label: 'row_norm', epsilon: 1e-6 }),
  });
  const q = externalTensor('q', [tokens, DIM], activation);
  const weight = externalTensor('weight', [DIM], 'f32');
  const table = externalTensor('table', [64, 64, 2], 'f32');
  cases.push({
    kernel: 'rms_rope',
    title: `${tokens}×${DIM} ${activation}`,
    tuning: {},
    activation,
    inputs: new Map([
      ['q', q],
      ['weight', weight],
      ['table', table],
    ]),
    build: (r) =>
      rmsRope(r, q, weight, {
        label: 'rms_rope',
        heads: 24,
        epsilon: 1e-6,
        rotary: { frames: 8, height: 32, width: 32, table },
      }),
  });
  return cases;
}

function matmulCase(size: MatmulSize, type: WeightType, activation: 'f32' | 'f16', tuning: TileTuning): KernelCase {
  const { rows, columns, depth } = size;
  const x = externalTensor('x', [rows, depth], activation);
  const weight = externalTensor('w', [columns, depth], type);
  return {
    kernel: 'matmul',
    title: `${rows}×${depth}×${columns} ${activation}, ${type} weights`,
    tuning,
    activation,
    inputs: new Map([
      ['x', x],
      ['w', weight],
    ]),
    build: (r) => void matmul(r, x, weight, { label: 'matmul', tuning }),
  };
}

/** Synthetic numbers where there is a rule for the type; else bytes of which no half or fp8 is infinite. */
async function fill(context: GpuContext, inputs: KernelCase['inputs'], signal?: AbortSignal): Promise<void> {
  const byRule = ([, { type }]: [string, Tensor]) => type === 'f32' || type === 'f16' || type === 'bf16';
  await synthSource(context, { type: 'bf16' }).fill(new Map([...inputs].filter(byRule)), { signal });
  for (const [, tensor] of [...inputs].filter((input) => !byRule(input))) {
    let state = 1;
    // A step of a linear congruential generator (Numerical Recipes); bit 6 of each byte cleared, the highest of an exponent.
    const words = Uint32Array.from({ length: tensorBytes(tensor) / 4 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state & 0xbfbfbfbf;
    });
    writeBytes(context.memory, tensor, new Uint8Array(words.buffer));
  }
}

/** One warm-up, then `repeats` timed runs; the median counts. */
export async function measureKernel(
  context: GpuContext,
  kernel: KernelCase,
  repeats: number,
  signal?: AbortSignal,
): Promise<KernelTime> {
  const { memory, runner } = context;
  const tensors = [...kernel.inputs.values()];
  await memory.allocate(tensors);
  const settings = recorderOptions(context, kernel.activation);
  const { program } = record(kernel.kernel, settings, kernel.build);
  const bound = await bindTogether(context, [program]);
  try {
    await fill(context, kernel.inputs, signal);
    await runner.run(bound.programs, { signal });
    const samples: number[] = [];
    for (let i = 0; i < repeats; i++) samples.push(secondsOf(await runner.run(bound.programs, { signal })));
    const seconds = median(samples);
    const { kernel: name, title, tuning } = kernel;
    return {
      kernel: name,
      title,
      tuning,
      seconds,
      samples,
      flopsPerSecond: program.cost.flops / seconds,
      bytesPerSecond: program.cost.bytes / seconds,
    };
  } finally {
    bound.destroy();
    memory.free(tensors);
  }
}
