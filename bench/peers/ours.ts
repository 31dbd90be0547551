/** This engine's kernels, recorded and run as the networks do it. */
import { bindTogether, type GpuContext } from '../../src/gpu/context';
import { type Recorder, record } from '../../src/gpu/program';
import { externalTensor, type Tensor } from '../../src/gpu/tensor';
import { readNumbers, writeBytes, writeNumbers } from '../../src/gpu/transfer';
import { attention } from '../../src/kernels/attention';
import { conv } from '../../src/kernels/conv';
import { convWindow } from '../../src/kernels/conv_window';
import { matmul } from '../../src/kernels/matmul';
import { recorderOptions } from '../../src/pipeline/options';
import type { Engine, Prepared } from './engine';
import { resultShape, type Work } from './work';

export function openOurs(context: GpuContext): Engine {
  return { name: 'ours', prepare: (work) => prepare(context, work) };
}

async function prepare(context: GpuContext, work: Work): Promise<Prepared> {
  const { memory, runner } = context;
  const { operands, build } = recipe(work);
  const result = externalTensor('result', resultShape(work), work.type);
  const tensors = [...operands.map(({ tensor }) => tensor), result];
  await memory.allocate(tensors);
  for (const { tensor, values, bytes } of operands)
    if (bytes) writeBytes(memory, tensor, bytes);
    else writeNumbers(memory, tensor, values);

  const settings = recorderOptions(context, work.type);
  const timed = record(work.kind, settings, (r) => void build(r)).program;
  const shown = record(work.kind, settings, (r) => r.copy('result', build(r), result)).program;
  const bound = await bindTogether(context, [timed, shown]);
  return {
    async run(times) {
      await runner.run(Array.from({ length: times }, () => bound.programs[0]!));
    },
    async result() {
      await runner.run([bound.programs[1]!]);
      return readNumbers(memory, result);
    },
    async release() {
      bound.destroy();
      memory.free(tensors);
    },
  };
}

interface Operand {
  readonly tensor: Tensor;
  readonly values: Float32Array;
  /** As stored, where that is not simply the values. */
  readonly bytes?: Uint8Array<ArrayBuffer> | undefined;
}

interface Recipe {
  readonly operands: readonly Operand[];
  readonly build: (r: Recorder) => Tensor;
}

function recipe(work: Work): Recipe {
  const { kind: label, type } = work;
  if (work.kind === 'product') {
    const { rows, columns, depth, blocks } = work;
    const left = externalTensor('left', [rows, depth], type);
    const weight = externalTensor('weight', [columns, depth], blocks?.type ?? type);
    return {
      operands: [
        { tensor: left, values: work.left },
        { tensor: weight, values: work.weight, bytes: blocks?.bytes },
      ],
      build: (r) => matmul(r, left, weight, { label }),
    };
  }
  if (work.kind === 'attention') {
    const { tokens, heads, head } = work;
    const [query, key, value] = ['query', 'key', 'value'].map((name) =>
      externalTensor(name, [tokens, heads * head], type),
    ) as [Tensor, Tensor, Tensor];
    return {
      operands: [
        { tensor: query, values: work.query },
        { tensor: key, values: work.key },
        { tensor: value, values: work.value },
      ],
      build: (r) => attention(r, query, key, value, { label, heads }),
    };
  }
  const { frames, height, width, channels, columns } = work;
  const pixels = externalTensor('pixels', [frames, height, width, channels], type);
  const weight = externalTensor('weight', [columns, 3, 3, 3, channels], type);
  return {
    operands: [
      { tensor: pixels, values: work.pixels },
      { tensor: weight, values: work.weight },
    ],
    // The past is not known to be zero: nothing is skipped.
    build: (r) => conv(r, convWindow(r, pixels, { label, border: 1, past: 2 }), weight, { label }),
  };
}
