/** A rough look at latents without a decoder: their channels, weighted and summed, make the three colours. */
import type { ClipPreview } from '../core/clip_run';

export interface LinearProjection {
  /** For each latent channel what it adds to red, green and blue, −1 … 1 as frames are. */
  readonly weights: readonly (readonly [number, number, number])[];
  readonly bias: readonly [number, number, number];
}

/** x0 (channels, frames, height, width), normalised → one picture for each latent frame, a pixel for each latent. */
export function linearPreview(
  { weights, bias }: LinearProjection,
  x0: Float32Array,
  [channels, frameCount, height, width]: readonly [number, number, number, number],
  step: number,
): ClipPreview {
  const size = frameCount * height * width;
  const pixels = new Uint8ClampedArray(4 * size).fill(255);
  for (let i = 0; i < size; i++)
    for (let colour = 0; colour < 3; colour++) {
      let value = bias[colour]!;
      for (let channel = 0; channel < channels; channel++)
        value += weights[channel]![colour]! * x0[channel * size + i]!;
      pixels[4 * i + colour] = ((value + 1) / 2) * 255; // clamped and rounded by the array
    }
  return { step, width, height, frameCount, rough: true, pixels };
}
