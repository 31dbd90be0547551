/** A weight matrix as the pieces a kernel binds one at a time: ranges of its rows. */
import { AppError } from '../core/errors';
import { ELEMENT_BYTES, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';

export interface WeightTile {
  readonly part: Tensor;
  /** Its first row within the matrix. */
  readonly start: number;
}

/** Largest matrix bound at once, so that default limits and 32-bit f32 weights still fit: 128 MiB. */
const BINDING_BYTES = 128 * 1024 * 1024;
/** A full tile of results is 64 columns wide or more; a cut elsewhere would leave part of one idle. */
const TILE_ROWS = 64;
/** Results are stored four columns at a time. */
const VECTOR = 4;

/**
 * The pieces a matrix (rows, depth) is kept in, or itself; each cut further where it exceeds `bindingBytes`.
 * Throws AppError shape-mismatch where pieces leave out rows or start between vectors of four, limit-too-low where
 * not even the fewest rows that can be cut off fit.
 */
export function weightTiles(weight: Tensor, bindingBytes = BINDING_BYTES): WeightTile[] {
  const most = Math.min(bindingBytes, BINDING_BYTES);
  return keptPieces(weight).flatMap(({ part, start }) =>
    cut(part, most).map((tile) => ({ part: tile.part, start: start + tile.start })),
  );
}

function keptPieces(weight: Tensor): readonly WeightTile[] {
  const { tiles, shape, type } = weight;
  if (!tiles) return [{ part: weight, start: 0 }];
  const { label } = weight.storage;
  const [rows = 0, depth] = shape;
  let next = 0;
  for (const { part, start } of tiles) {
    if (part.type !== type || part.shape.length !== 2 || part.shape[1] !== depth)
      throw new AppError(
        'shape-mismatch',
        `${label} [${shape}] of ${type} has a piece [${part.shape}] of ${part.type}: type and depth must agree.`,
      );
    if (start !== next || start % VECTOR !== 0)
      throw new AppError(
        'shape-mismatch',
        `${label}: a piece starts at row ${start}, the one before ends at ${next}: both must be the same multiple of ${VECTOR}.`,
      );
    next = start + part.shape[0]!;
  }
  if (next !== rows) throw new AppError('shape-mismatch', `${label} has ${rows} rows, its pieces ${next}.`);
  return tiles;
}

/** Row ranges of at most `most` bytes. A binding starts at a multiple of 256 bytes, so that is where cuts can be. */
function cut(whole: Tensor, most: number): WeightTile[] {
  if (tensorBytes(whole) <= most) return [{ part: whole, start: 0 }];
  const [rows = 0, depth = 0] = whole.shape;
  const rowBytes = depth * ELEMENT_BYTES[whole.type];
  let step = TILE_ROWS;
  while ((step * rowBytes) % 256 !== 0) step *= 2;
  const perTile = Math.floor(most / (step * rowBytes)) * step;
  if (perTile === 0)
    throw new AppError(
      'limit-too-low',
      `${whole.storage.label}: ${step} rows of ${rowBytes} bytes are ${step * rowBytes} bytes, and a binding holds at most ${most}. Use a device with a larger limit.`,
    );
  const tiles: WeightTile[] = [];
  for (let start = 0; start < rows; start += perTile)
    tiles.push({ part: rowsOf(whole, start, Math.min(perTile, rows - start)), start });
  return tiles;
}
