/** Loads one half of the VAE, or the tiny decoder: small tensors as they come, convolution kernels repacked on the GPU, one at a time. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import { type GpuContext, runOnce } from '../gpu/context';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { type Ask, plantTree, type Storing } from '../gpu/weight_tree';
import { packConv, packPairConv } from '../kernels/conv_weights';
import { phaseWeights } from '../kernels/phase_weights';
import { type AskKernel, type CoderWeights, kernelShape, type Packing } from '../vae/weights';
import type { ComputeOptions } from './options';
import type { WeightSource } from './weight_source';

interface Job {
  readonly stored: Tensor;
  readonly packed: Tensor;
  readonly pack: typeof packConv;
}

/** The weights before they have memory: enough to record programs and to plan with. */
export interface PlantedCoder<Weights = CoderWeights> {
  readonly weights: Weights;
  /** Those that are loaded as they are stored, by name. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly jobs: readonly Job[];
  /** GPU memory once they are loaded, and the most on the way there. */
  readonly bytes: number;
  readonly loadingBytes: number;
}

const PACK: Readonly<Record<Packing, typeof packConv>> = { taps: packConv, phases: phaseWeights, pair: packPairConv };

export function plantCoder<Weights>(
  storing: Storing,
  build: (ask: Ask, kernel: AskKernel) => Weights,
): PlantedCoder<Weights> {
  const jobs: Job[] = [];
  const kernel: AskKernel = (name, shape, packing) => {
    const stored = externalTensor(name, shape, storing.typeOf({ name, shape }));
    // Phases are sums of taps, which 16 bits would round.
    const packed = externalTensor(name, kernelShape(shape, packing), packing === 'phases' ? 'f32' : stored.type);
    jobs.push({ stored, packed, pack: PACK[packing] });
    return packed;
  };
  const { tree, tensors } = plantTree((ask) => build(ask, kernel), storing);
  const bytes = [...tensors.values(), ...jobs.map(({ packed }) => packed)].reduce(
    (sum, tensor) => sum + tensorBytes(tensor),
    0,
  );
  const loadingBytes = bytes + Math.max(0, ...jobs.map(({ stored }) => tensorBytes(stored)));
  return { weights: tree, tensors, jobs, bytes, loadingBytes };
}

/** Gives the weights memory and fills it; the result gives it back. */
export async function loadCoder(
  context: GpuContext,
  source: WeightSource,
  { tensors, jobs, bytes }: PlantedCoder<unknown>,
  {
    signal,
    memoryBytes = Number.POSITIVE_INFINITY,
    onLoad = () => {},
  }: Pick<ComputeOptions, 'signal' | 'memoryBytes' | 'onLoad'>,
): Promise<() => void> {
  const { memory } = context;
  const all = [...tensors.values(), ...jobs.map(({ packed }) => packed)];
  // Its convolutions read all their weights for every frame, so they are not streamed.
  if (memory.bytes + bytes > memoryBytes)
    throw new AppError(
      'out-of-memory',
      `The weights of the video coder stay in GPU memory and take ${mebibytes(memory.bytes + bytes)} with what is there; ${mebibytes(memoryBytes)} are allowed. Allow more memory, or use a file with 16-bit weights.`,
    );
  const total = [...tensors.values(), ...jobs.map(({ stored }) => stored)].reduce(
    (sum, tensor) => sum + tensorBytes(tensor),
    0,
  );
  let loaded = 0;
  const onBytes = (bytes: number) => onLoad(Math.min((loaded += bytes), total), total);
  await memory.allocate(all);
  try {
    await source.fill(tensors, { signal, onBytes });
    for (const { stored, packed, pack } of jobs) {
      await memory.allocate([stored]);
      try {
        await source.fill(new Map([[stored.storage.label, stored]]), { signal, onBytes });
        await runOnce(context, 'pack', { activation: 'f32' }, (r) => pack(r, stored, packed, stored.storage.label), {
          signal,
        });
      } finally {
        memory.free([stored]);
      }
    }
    onLoad(total, total); // small tensors are counted as they are stored
    return () => memory.free(all);
  } catch (failure) {
    memory.free(all);
    throw failure;
  }
}
