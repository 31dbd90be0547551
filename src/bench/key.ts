/** What a run of the benchmark was about, as results are compared by. */
import { activationsName, type Products, weightsName } from '../core/products';
import type { ComparisonKey } from '../core/result';
import type { GpuContext } from '../gpu/context';
import { PROMPT_TOKENS, type Preset, STEPS, tokensOf } from './presets';

/** Synthetic bf16 weights, exact products and one video, unless told otherwise. */
export function keyOf(
  { device }: GpuContext,
  clip: Preset,
  {
    products,
    weights = 'bf16',
    activations,
    ...how
  }: Pick<ComparisonKey, 'activations' | 'offload'> &
    Partial<Pick<ComparisonKey, 'weights' | 'batch' | 'steps'>> & { readonly products?: Products | undefined },
): ComparisonKey {
  return {
    preset: clip.id,
    width: clip.width,
    height: clip.height,
    frames: clip.frames,
    tokens: tokensOf(clip),
    steps: STEPS,
    guidance: true,
    promptTokens: PROMPT_TOKENS.reduce<number>((total, count) => total + count, 0),
    activations: activationsName(activations, products),
    weights: weightsName(weights, products),
    attention: device.machine.software ? 'direct' : 'flash, tiled',
    batch: 1,
    ...how,
  };
}
