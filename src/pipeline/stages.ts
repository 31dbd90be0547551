/**
 * Each stage of the published model from numbers to numbers, as the golden files
 * have them: what `verify` and the self-check run.
 */
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { externalTensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import type { TextConfig } from '../text/config';
import { createDenoiser, type Denoiser } from './denoiser';
import type { ComputeOptions } from './options';
import { encodePrompts } from './text_stage';
import type { WeightSource } from './weight_source';

export interface StageInput {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export type StageInputs = ReadonlyMap<string, StageInput>;
export type StageOutputs = Map<string, Float32Array>;

export function input(inputs: StageInputs, name: string): StageInput {
  const found = inputs.get(name);
  if (!found) throw new Error(`The golden file has no ${name}.`);
  return found;
}

/** in.ids → out.embeddings */
export async function runT5(
  context: GpuContext,
  source: WeightSource,
  config: TextConfig,
  inputs: StageInputs,
  options: ComputeOptions,
): Promise<StageOutputs> {
  const [embeddings] = await encodePrompts(
    context,
    source,
    config,
    [Array.from(input(inputs, 'in.ids').values)],
    options,
  );
  try {
    return new Map([['out.embeddings', await readNumbers(context.memory, embeddings!)]]);
  } finally {
    context.memory.free([embeddings!]);
  }
}

/** in.latents, in.context, in.timesteps (a token each) → out.velocity */
export async function runDit(
  context: GpuContext,
  source: WeightSource,
  config: DitConfig,
  inputs: StageInputs,
  options: ComputeOptions,
): Promise<StageOutputs> {
  const { memory } = context;
  const latents = input(inputs, 'in.latents');
  const text = input(inputs, 'in.context');
  const timesteps = Array.from(input(inputs, 'in.timesteps').values);
  const [, frames = 0, height = 0, width = 0] = latents.shape;
  const timestep = timesteps.at(-1)!;
  const fixedTokens = timesteps.findIndex((t) => t !== 0 || t === timestep);
  if (timesteps.some((t, token) => t !== (token < fixedTokens ? 0 : timestep)))
    throw new Error('The timesteps are neither one value nor zeros and one value.');

  const grid = { frames, height: height / 2, width: width / 2 };
  const shape = { grid, promptTokens: [text.shape[0]!], fixedTokens, steps: 1 };
  const embeddings = externalTensor('embeddings', text.shape, 'f32');
  let denoiser: Denoiser | undefined;
  try {
    await memory.allocate([embeddings]);
    denoiser = await createDenoiser(context, source, config, shape, options);
    writeNumbers(memory, embeddings, text.values);
    writeNumbers(memory, denoiser.latents, latents.values);
    await denoiser.setPrompts([embeddings]);
    await denoiser.setTimesteps([timestep]);
    for (const time of await denoiser.forward(0)) options.onRun?.(time);
    return new Map([['out.velocity', await readNumbers(memory, denoiser.velocities[0]!)]]);
  } finally {
    denoiser?.destroy();
    memory.free([embeddings]);
  }
}
