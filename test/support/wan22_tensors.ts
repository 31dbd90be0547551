/** Every tensor of the published networks under each of its names, as the original and the Diffusers code make them. */
import { readFileSync } from 'node:fs';
import type { Network } from '../../src/weights/tensor_names';

export interface PublishedTensor {
  readonly network: Network;
  readonly shape: readonly number[];
  readonly original: string;
  /** Diffusers' name, or Transformers' for the text encoder. */
  readonly theirs: string;
  /** '' where no such file is known. */
  readonly gguf: string;
}

export const WAN22_TENSORS: readonly PublishedTensor[] = readFileSync(
  new URL('../weights/wan22_tensors.tsv', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((line) => {
    const [network = '', shape = '', original = '', theirs = '', gguf = ''] = line.split('\t');
    return { network: network as Network, shape: shape.split('x').map(Number), original, theirs, gguf };
  });
