/**
 * Each kernel alone, at the shapes the model has, in every tuning and stored type on offer: what
 * `kernels` on the command line prints, and what tuning is decided by.
 */
import { median } from '../core/median';
import type { Products } from '../core/products';
import type { Roofs } from '../core/result';
import { bindTogether, type GpuContext } from '../gpu/context';
import { type Program, type Recorder, record } from '../gpu/program';
import { runUntilSteady } from '../gpu/steady';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { attention, attentionCandidates } from '../kernels/attention';
import { type MatmulSize, matmul } from '../kernels/matmul';
import { type Int8Tuning, int8Candidates } from '../kernels/matmul_int8';
import { rmsRope } from '../kernels/rms_rope';
import { rowNorm } from '../kernels/row_norm';
import { directTiles, TILE_VARIANTS, type TileTuning, tileCandidates } from '../kernels/tile';
import { fillInputs } from '../pipeline/input_values';
import { recorderOptions } from '../pipeline/options';
import { WEIGHT_FORMATS, type WeightType } from '../weights/weight_types';
import { secondsOf } from './roofs';

export interface KernelCase {
  readonly kernel: string;
  /** Shape and element types, for people. */
  readonly title: string;
  readonly tuning: Readonly<Record<string, number>>;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly activation: 'f32' | 'f16';
  readonly products?: Products;
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
  /** What its arithmetic is done by, and so which roof is over it. */
  readonly arithmetic: 'f32' | 'matrix' | 'int8';
}

const DIM = 3072;
const FFN = 14336;
const SQUARE = { columns: DIM, depth: DIM };
const DEEP = { columns: DIM, depth: FFN };
const WIDE = { columns: FFN, depth: DIM };

/** Matrix products to try: of a few tokens, where a deep one may be cut; the smallest preset, a small clip, the reference's own. */
const PRODUCTS = {
  software: [16, 64].map((rows): MatmulSize => ({ rows, ...SQUARE })),
  gpu: [
    ...[16, 64].flatMap((rows) => [SQUARE, DEEP].map((matrix): MatmulSize => ({ rows, ...matrix }))),
    ...[128, 1100, 8192].flatMap((rows) => [SQUARE, WIDE, DEEP].map((matrix): MatmulSize => ({ rows, ...matrix }))),
  ],
};
/** Rows of the products that show what decoding costs. */
const DECODED_ROWS = { software: 64, gpu: 128 };

export function kernelCases(context: GpuContext, activation: 'f32' | 'f16'): KernelCase[] {
  const { software } = context.device.machine;
  const kind = software ? 'software' : 'gpu';
  const tokens = software ? 256 : 8192;
  const settings = recorderOptions(context, activation);
  const cases: KernelCase[] = [];
  for (const size of PRODUCTS[kind]) {
    for (const tuning of tileCandidates(settings, { ...size, left: activation, weight: 'bf16' }))
      cases.push(matmulCase(size, 'bf16', activation, tuning));
    for (const tuning of int8Candidates(settings, size))
      cases.push(matmulCase(size, 'q8_0', activation, tuning, 'int8'));
  }
  // What decoding costs does not depend on the tuning: the other types in one.
  for (const type of Object.keys(WEIGHT_FORMATS) as WeightType[])
    if (type !== 'bf16')
      cases.push(
        matmulCase(
          { rows: DECODED_ROWS[kind], ...SQUARE },
          type,
          activation,
          software ? directTiles(settings.lanes)[0]! : TILE_VARIANTS[0]!,
        ),
      );
  const heads = software ? 2 : 24;
  const shape = { batch: 1, queries: tokens, keys: tokens, heads, head: 128 };
  const candidates = attentionCandidates(settings, { ...shape, type: activation, biased: false });
  for (const tuning of software ? [undefined] : candidates) {
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

function matmulCase(
  size: MatmulSize,
  type: WeightType,
  activation: 'f32' | 'f16',
  tuning: TileTuning | Int8Tuning,
  products: Products = 'exact',
): KernelCase {
  const { rows, columns, depth } = size;
  const x = externalTensor('x', [rows, depth], activation);
  const weight = externalTensor('w', [columns, depth], type);
  return {
    kernel: 'matmul',
    title: `${rows}×${depth}×${columns} ${activation}, ${type} weights${products === 'int8' ? ', int8 products' : ''}`,
    tuning,
    activation,
    products,
    inputs: new Map([
      ['x', x],
      ['w', weight],
    ]),
    build: (r) => void matmul(r, x, weight, { label: 'matmul', tuning }),
  };
}

export function arithmeticOf({ commands }: Program): KernelTime['arithmetic'] {
  const shaders = commands.flatMap((command) => (command.kind === 'dispatch' ? command.shader : []));
  if (shaders.some(({ code }) => code.includes('subgroup_matrix'))) return 'matrix';
  return shaders.some(({ name }) => name === 'matmul_int8') ? 'int8' : 'f32';
}

/** Of arithmetic or of memory, whichever is larger; null where no loop of ours measures what it computes by. */
export function shareOfRoof(time: Omit<KernelTime, 'samples'>, roofs: Roofs): number | null {
  const { arithmetic, flopsPerSecond, bytesPerSecond } = time;
  const roof = { f32: roofs.fp32FlopsPerSecond, matrix: roofs.matrixFlopsPerSecond, int8: null }[arithmetic];
  return roof && Math.max(flopsPerSecond / roof, bytesPerSecond / roofs.bytesPerSecond);
}

/** Once the device is warm, `repeats` timed runs; the median counts. */
export async function measureKernel(
  context: GpuContext,
  kernel: KernelCase,
  repeats: number,
  signal?: AbortSignal,
): Promise<KernelTime> {
  const { memory, runner } = context;
  const tensors = [...kernel.inputs.values()];
  await memory.allocate(tensors);
  const settings = recorderOptions(context, kernel.activation, kernel.products);
  const { program } = record(kernel.kernel, settings, kernel.build);
  const bound = await bindTogether(context, [program]);
  try {
    await fillInputs(context, kernel.inputs, signal);
    await runUntilSteady(context, bound.programs, signal);
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
      arithmetic: arithmeticOf(program),
    };
  } finally {
    bound.destroy();
    memory.free(tensors);
  }
}
