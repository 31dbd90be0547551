/** How a matrix is decoded inside a kernel: one WGSL part for each stored type, found by its file's name. */
import blocks from '../../shaders/lib/blocks.wgsl?raw';
import blocksAtHalves from '../../shaders/lib/blocks_at_halves.wgsl?raw';
import { AppError } from '../core/errors';
import type { Tensor } from '../gpu/tensor';
import { WEIGHT_FORMATS, type WeightFormat } from '../weights/weight_types';

// Vite reads these options at build time, so they must be literals.
const PARTS = import.meta.glob<string>('../../shaders/lib/weight_*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/**
 * What declares binding 2 and `weight4(index)`: four consecutive weights as vec4f. The type's own part, and with
 * blocks what they share.
 * Throws AppError shape-mismatch where no kernel decodes the type, or rows are not whole blocks of it.
 */
export function weightPart({ storage, shape, type }: Tensor): string {
  const part = PARTS[`../../shaders/lib/weight_${type}.wgsl`];
  const format: WeightFormat | undefined = type === 'u32' ? undefined : WEIGHT_FORMATS[type];
  if (!part || !format)
    throw new AppError('shape-mismatch', `${storage.label} is stored as ${type}, which no kernel decodes.`);
  const depth = shape.at(-1) ?? 0;
  if (depth % format.elements !== 0)
    throw new AppError(
      'shape-mismatch',
      `${storage.label} has rows of ${depth} and is stored as ${type}, in blocks of ${format.elements}: a row must be a whole number of blocks.`,
    );
  if (format.elements === 1) return part;
  return [blocks, ...(format.bytes % 4 === 0 ? [] : [blocksAtHalves]), part].join('\n');
}

/** Whether neighbours in a row share a scale, so that one alone takes more than its own bytes to decode. */
export const inBlocks = ({ type }: Tensor): boolean => type !== 'u32' && WEIGHT_FORMATS[type].elements > 1;

/** For kernels that read a matrix as it is stored, whole and without factors. Throws AppError shape-mismatch. */
export function expectPlain(what: string, { storage, scale, tiles }: Tensor): void {
  if (scale || tiles)
    throw new AppError(
      'shape-mismatch',
      `${what}: ${storage.label} ${scale ? 'has a factor for each row' : 'is kept in pieces'}, which only a matrix product reads.`,
    );
}

/** Convolution kernels move by element, and a block is 32 or more neighbours of one row. Throws AppError shape-mismatch. */
export function expectElements(what: string, stored: Tensor): void {
  expectPlain(what, stored);
  const allowed = Object.entries(WEIGHT_FORMATS).flatMap(([type, { elements }]) => (elements === 1 ? [type] : []));
  if (!allowed.includes(stored.type))
    throw new AppError(
      'shape-mismatch',
      `${what}: ${stored.storage.label} is stored as ${stored.type}; a convolution kernel may be stored as ${allowed.join(', ')}. Use a file that keeps it in one of these.`,
    );
}
