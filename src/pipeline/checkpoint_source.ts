/**
 * Trained weights, from files to the GPU in ranges of at most 4 MiB: a matrix
 * goes there byte for byte, small tensors are widened to f32 on the way. What is
 * on its way is bounded, so a checkpoint of any size takes little memory here.
 */
import { AppError } from '../core/errors';
import type { GpuContext } from '../gpu/context';
import { ELEMENT_BYTES, elements, type Tensor } from '../gpu/tensor';
import { writeBytes, writeNumbers } from '../gpu/transfer';
import { PIECE_BYTES } from '../gpu/upload';
import { scaledWeight, type WeightSpec } from '../gpu/weight_tree';
import type { ByteSource } from '../weights/byte_source';
import { type Checkpoint, findTensor, type StoredTensor } from '../weights/checkpoint';
import { decodeWeights, WEIGHT_FORMATS, type WeightType } from '../weights/weight_types';
import { inParallel, submitting } from './in_parallel';
import { checkRows, type Piece, type WeightSource } from './weight_source';

const READ_BYTES = 4 * 1024 * 1024;
/** Enough to hide the latency of a server; with READ_BYTES, 24 MiB of reads. */
const READS_IN_FLIGHT = 6;

/** Bytes [begin, end) of a file, and what to do with them. */
interface Part {
  readonly source: ByteSource;
  readonly begin: number;
  readonly end: number;
  readonly use: (bytes: Uint8Array<ArrayBuffer>) => void;
}

/** How a checkpoint stores its weights: enough to plan with. */
export function checkpointStoring(checkpoint: Checkpoint) {
  const find = ({ name, shape }: WeightSpec) => withType(name, findTensor(checkpoint, name, shape));
  return {
    find,
    typeOf: (spec: WeightSpec) => find(spec).type,
    isScaled: (spec: WeightSpec) => find(spec).scale !== undefined,
  };
}

export function checkpointSource({ memory, uploader }: GpuContext, checkpoint: Checkpoint): WeightSource {
  const { find, ...storing } = checkpointStoring(checkpoint);

  return {
    label: checkpoint.label,
    ...storing,

    async fill(tensors, { signal, onBytes } = {}) {
      const parts = [...tensors].flatMap(([name, tensor]) => {
        const scaled = scaledWeight(name);
        if (scaled !== undefined) return scaleParts(checkpoint, scaled, tensor);
        const stored = find({ name, shape: tensor.shape });
        return split(stored, READ_BYTES).map(({ at, ...range }): Part => {
          return { ...range, use: (bytes) => writeStored(name, stored, bytes, at, tensor) };
        });
      });
      const written = submitting(memory.device);
      await readAll(joined(parts), signal, async (bytes) => {
        onBytes?.(bytes);
        await written(bytes);
      });
    },

    pieces({ name, shape, start, rows, tensor }) {
      const stored = find({ name, shape });
      const rowBytes = elements(shape.slice(1)) * ELEMENT_BYTES[stored.type];
      const beginByte = stored.beginByte + start * rowBytes;
      const part = { ...stored, beginByte, endByte: beginByte + rows * rowBytes };
      if (tensor.type !== stored.type) throw cannotBecome(name, stored.type, tensor.type);
      return split(part, PIECE_BYTES).map(
        ({ source, begin, end, at }): Piece => ({
          bytes: end - begin,
          bring: (signal, busy) =>
            uploader.put(
              tensor,
              at,
              end - begin,
              {
                read: () => source.read(begin, end, signal),
                ...(source.readInto && { readInto: (into) => source.readInto!(begin, into, signal) }),
              },
              busy,
            ),
        }),
      );
    },

    async rows(name, shape, ids, target, { signal } = {}) {
      checkRows(name, shape, ids, target);
      const stored = find({ name, shape });
      const width = elements(shape.slice(1));
      const rowBytes = width * ELEMENT_BYTES[stored.type];
      const values = new Float32Array(ids.length * width);
      const parts = ids.map((id, row): Part => {
        const begin = stored.beginByte + id * rowBytes;
        return {
          source: stored.source,
          begin,
          end: begin + rowBytes,
          use: (bytes) => values.set(decodeWeights(stored.type, bytes), row * width),
        };
      });
      await readAll(joined(parts), signal, async () => {});
      if (stored.scale) {
        const factors = await readScale(stored.scale, shape[0]!, signal);
        ids.forEach((id, row) => {
          for (let i = row * width; i < (row + 1) * width; i++) values[i]! *= factors[id]!;
        });
      }
      writeNumbers(memory, target, values);
    },
  };

  /** Part of a stored tensor, from its byte `at` on, to the same elements of the GPU's. */
  function writeStored(name: string, stored: Readable, bytes: Uint8Array<ArrayBuffer>, at: number, tensor: Tensor) {
    const { type } = stored;
    if (tensor.type === type) return writeBytes(memory, tensor, bytes, at);
    if (tensor.type !== 'f32') throw cannotBecome(name, type, tensor.type);
    if (stored.scale)
      throw new AppError('file-invalid', `${name} in ${stored.source.name} is scaled ${type}; only matrices may be.`);
    const values = decodeWeights(type, bytes);
    writeBytes(memory, tensor, new Uint8Array(values.buffer), (at / ELEMENT_BYTES[type]) * ELEMENT_BYTES.f32);
  }

  /** A weight's factors, one for each row, whether the file has one for all of it or one for each. */
  function scaleParts(from: Checkpoint, weight: string, tensor: Tensor): Part[] {
    const { scale } = from.tensors.get(weight)!;
    const { source, beginByte, endByte } = scale!;
    const use = (bytes: Uint8Array<ArrayBuffer>) =>
      writeNumbers(memory, tensor, perRow(decodeWeights(withType(weight, scale!).type, bytes), tensor.shape[0]!));
    return [{ source, begin: beginByte, end: endByte, use }];
  }
}

const cannotBecome = (name: string, stored: string, wanted: string) =>
  new AppError('shape-mismatch', `${name} is stored as ${stored} and cannot become ${wanted}.`);

type Readable = StoredTensor & { readonly type: WeightType };

function withType(name: string, stored: StoredTensor): Readable {
  const { dtype, type, source } = stored;
  if (!type)
    throw new AppError(
      'file-invalid',
      `${name} is stored as ${dtype} in ${source.name}; this version computes with ${Object.keys(WEIGHT_FORMATS).join(', ')}. Choose another file of the model.`,
    );
  return { ...stored, type };
}

async function readScale(scale: StoredTensor, rows: number, signal?: AbortSignal): Promise<Float32Array> {
  const { source, beginByte, endByte } = scale;
  const { type } = withType('A scale', scale);
  return perRow(decodeWeights(type, await source.read(beginByte, endByte, signal)), rows);
}

function perRow(factors: Float32Array, rows: number): Float32Array {
  return factors.length === 1 ? new Float32Array(rows).fill(factors[0]!) : factors;
}

/** A tensor in ranges that can be read at once, each with its place in the tensor. */
function split({ source, type, beginByte, endByte }: Readable, mostBytes: number) {
  // Whole blocks, and whole words of the GPU's memory.
  const unit = WEIGHT_FORMATS[type].bytes * 4;
  const step = Math.floor(mostBytes / unit) * unit;
  return Array.from({ length: Math.ceil((endByte - beginByte) / step) }, (_, i) => {
    const begin = beginByte + i * step;
    return { source, begin, end: Math.min(begin + step, endByte), at: i * step };
  });
}

/** Neighbours in one read: hundreds of biases must not be hundreds of requests. */
function joined(pieces: readonly Part[]): Part[][] {
  const order = new Map([...new Set(pieces.map(({ source }) => source))].map((source, index) => [source, index]));
  const sorted = [...pieces].sort((a, b) => order.get(a.source)! - order.get(b.source)! || a.begin - b.begin);
  const reads: Part[][] = [];
  for (const piece of sorted) {
    const read = reads.at(-1);
    const [first, last] = [read?.[0], read?.at(-1)];
    const near = first?.source === piece.source && piece.begin - last!.end <= 0;
    if (read && near && piece.end - first!.begin <= READ_BYTES) read.push(piece);
    else reads.push([piece]);
  }
  return reads;
}

/** Several reads at once, used as they arrive. */
const readAll = (
  reads: readonly Part[][],
  signal: AbortSignal | undefined,
  done: (bytes: number) => Promise<void>,
): Promise<void> =>
  inParallel(reads, READS_IN_FLIGHT, signal, async (read, stop) => {
    const { source, begin } = read[0]!;
    const end = Math.max(...read.map((part) => part.end));
    const bytes = await source.read(begin, end, stop);
    for (const part of read) part.use(bytes.subarray(part.begin - begin, part.end - begin));
    await done(end - begin);
  });
