/** The decoder's two programs at one size, for estimates: recorded, never run. */
import { type Program, type RecorderOptions, record } from '../gpu/program';
import { externalTensor, type Tensor } from '../gpu/tensor';
import { plantTree } from '../gpu/weight_tree';
import { WAN22_VAE } from './config';
import { decodeChunk } from './decoder';
import { decoderWeights, kernelShape } from './weights';

/** Width and height of the latents. */
export function decodePrograms(
  width: number,
  height: number,
  settings: RecorderOptions,
): { first: Program; next: Program } {
  const { tree } = plantTree(
    (ask) =>
      decoderWeights(
        ask,
        (name, stored, packing) =>
          externalTensor(name, kernelShape(stored, packing), packing === 'phases' ? 'f32' : 'bf16'),
        WAN22_VAE,
        true,
      ),
    { typeOf: () => 'bf16' },
  );
  const latents = externalTensor('latents', [1, height, width, WAN22_VAE.z_dim], settings.activation);
  const pasts = new Map<string, Tensor>();
  const past = (name: string, shape: readonly number[]) => {
    const kept = pasts.get(name) ?? externalTensor(name, shape, settings.activation);
    pasts.set(name, kept);
    return kept;
  };
  const program = (first: boolean) =>
    record(first ? 'first chunk' : 'next chunk', settings, (r) =>
      decodeChunk(
        r,
        {
          first,
          savings: true,
          past,
          tap: () => {},
        },
        WAN22_VAE,
        tree,
        latents,
      ),
    ).program;
  return { first: program(true), next: program(false) };
}
