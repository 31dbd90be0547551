/** GPU memory of Full where it may not take more than so much: weights that do not fit pass, and frames are decoded in tiles. */
import type { MemoryParts, StageMemory } from '../core/stage_memory';
import { WAN22_5B } from '../dit/config';
import type { RecorderOptions } from '../gpu/program';
import { tensorBytes } from '../gpu/tensor';
import type { Storing } from '../gpu/weight_tree';
import { decodeModel } from '../pipeline/decode_passes';
import { planDecode } from '../pipeline/decode_plan';
import { WAN22_VAE } from '../vae/config';
import { planGuidedSteps, type StepsPlan } from './guided_steps';
import { latentFrames, type Preset } from './presets';

const BF16: Storing = { typeOf: () => 'bf16' };

/** Norms and biases, 10 MiB, count as activations. */
export const partsOfSteps = ({ residentBytes, slotBytes, besidesBytes }: StepsPlan): MemoryParts => ({
  weights: residentBytes,
  slots: slotBytes,
  activations: besidesBytes,
});

/** Throws AppError out-of-memory with both numbers where a stage does not fit. */
export function memoryWithin(
  settings: RecorderOptions,
  clip: Preset,
  steps: number,
  memoryBytes: number,
): Pick<StageMemory, 'denoise' | 'decode'> {
  const what = { clip, batch: 1, residency: 'stream', memoryBytes } as const;
  const shape = [WAN22_VAE.z_dim, latentFrames(clip), clip.height / 16, clip.width / 16];
  const decoder = decodeModel(BF16, WAN22_VAE, settings, true);
  const besidesBytes = tensorBytes({ shape, type: 'f32' });
  const { peakBytes } = planDecode(decoder, shape, { memoryBytes, besidesBytes });
  const weights = decoder.coder.bytes;
  return {
    denoise: partsOfSteps(planGuidedSteps(settings, BF16, WAN22_5B, what, steps)),
    decode: { weights, slots: 0, activations: peakBytes - weights },
  };
}
