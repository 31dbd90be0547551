/** Loads one half of the VAE, or the tiny decoder: small tensors as they come, convolution kernels repacked on the GPU, one at a time. */
import { AppError } from '../core/errors';
import { mebibytes } from '../core/units';
import { type GpuContext, runOnce } from '../gpu/context';
import { externalTensor, type Tensor, tensorBytes } from '../gpu/tensor';
import { type Ask, plantTree } from '../gpu/weight_tree';
import { packConv, packPairConv } from '../kernels/conv_weights';
import { phaseWeights } from '../kernels/phase_weights';
import { type AskKernel, kernelShape, type Packing } from '../vae/weights';
import type { ComputeOptions } from './options';
import type { WeightSource } from './weight_source';

interface Job {
  readonly stored: Tensor;
  readonly packed: Tensor;
  readonly pack: typeof packConv;
}

export interface LoadedCoder<Weights> {
  readonly weights: Weights;
  destroy(): void;
}

const PACK: Readonly<Record<Packing, typeof packConv>> = { taps: packConv, phases: phaseWeights, pair: packPairConv };

export async function loadCoder<Weights>(
  context: GpuContext,
  source: WeightSource,
  build: (ask: Ask, kernel: AskKernel) => Weights,
  { signal, memoryBytes = Number.POSITIVE_INFINITY }: Pick<ComputeOptions, 'signal' | 'memoryBytes'>,
): Promise<LoadedCoder<Weights>> {
  const { memory } = context;
  const jobs: Job[] = [];
  const kernel: AskKernel = (name, shape, packing) => {
    const stored = externalTensor(name, shape, source.typeOf({ name, shape }));
    // Phases are sums of taps, which 16 bits would round.
    const packed = externalTensor(name, kernelShape(shape, packing), packing === 'phases' ? 'f32' : stored.type);
    jobs.push({ stored, packed, pack: PACK[packing] });
    return packed;
  };
  const { tree, tensors } = plantTree((ask) => build(ask, kernel), source);
  const all = [...tensors.values(), ...jobs.map(({ packed }) => packed)];
  // Its convolutions read all their weights for every frame, so they are not streamed.
  const bytes = all.reduce((sum, tensor) => sum + tensorBytes(tensor), memory.bytes);
  if (bytes > memoryBytes)
    throw new AppError(
      'out-of-memory',
      `The weights of the video coder stay in GPU memory and take ${mebibytes(bytes)} with what is there; ${mebibytes(memoryBytes)} are allowed. Allow more memory, or use a file with 16-bit weights.`,
    );
  await memory.allocate(all);
  try {
    await source.fill(tensors, { signal });
    for (const { stored, packed, pack } of jobs) {
      await memory.allocate([stored]);
      try {
        await source.fill(new Map([[stored.storage.label, stored]]), { signal });
        await runOnce(context, 'pack', { activation: 'f32' }, (r) => pack(r, stored, packed, stored.storage.label), {
          signal,
        });
      } finally {
        memory.free([stored]);
      }
    }
    return { weights: tree, destroy: () => memory.free(all) };
  } catch (failure) {
    memory.free(all);
    throw failure;
  }
}
