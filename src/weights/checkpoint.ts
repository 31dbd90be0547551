/** Trained weights: the tensors of one or several files as one directory. */
import { AppError } from '../core/errors';
import type { ByteSource } from './byte_source';
import { parseSafetensorsHeader, safetensorsHeaderBytes } from './safetensors';
import { WEIGHT_FORMATS, type WeightType } from './weight_types';

/** Read first; a header of the DiT's size fits, so most files take one request to open. */
const FIRST_READ_BYTES = 256 * 1024;

/** A tensor as its file describes it, whatever the format. */
export interface FileTensor {
  /** The file's own word for the type, such as 'F8_E4M3' or 'Q4_K'. */
  readonly dtype: string;
  /** Null where no kernel decodes it. */
  readonly type: WeightType | null;
  /** Outermost dimension first. Empty for a single value. */
  readonly shape: readonly number[];
  /** From the start of the *file*, ready for a range request; the end is exclusive. Row-major and contiguous. */
  readonly beginByte: number;
  readonly endByte: number;
}

export interface TensorFile {
  readonly source: ByteSource;
  /** By the names in the file, in the order of the data. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Where a tensor of a network lies: `source`, and its bytes there. */
export interface StoredTensor extends FileTensor {
  readonly source: ByteSource;
  /** What its numbers are to be multiplied by: one value for all of it, or one for each row; f32. */
  readonly scale?: StoredTensor;
}

export interface Checkpoint {
  /** For messages and results: the files' names. */
  readonly label: string;
  /** By their names in the original Wan checkpoints, whatever the files call them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

export async function openSafetensors(source: ByteSource, signal?: AbortSignal): Promise<TensorFile> {
  const start = await source.read(0, Math.min(FIRST_READ_BYTES, source.bytes), signal);
  try {
    const end = safetensorsHeaderBytes(start, source.bytes);
    const bytes = end <= start.length ? start : await source.read(0, end, signal);
    const { tensors, metadata } = parseSafetensorsHeader(bytes, source.bytes);
    return {
      source,
      metadata,
      tensors: new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, type: weightType(tensor.dtype) }])),
    };
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code !== 'file-invalid') throw failure;
    throw new AppError(failure.code, `${source.name}: ${failure.message}`, { cause: failure });
  }
}

function weightType(dtype: string): WeightType | null {
  const known = Object.entries(WEIGHT_FORMATS).find(([, { safetensors }]) => safetensors === dtype);
  return (known?.[0] as WeightType | undefined) ?? null;
}

/** The files of one checkpoint, in any order. A name in two of them is an error: which one is meant? */
export function joinFiles(files: readonly TensorFile[]): Checkpoint {
  const tensors = new Map<string, StoredTensor>();
  for (const { source, tensors: entries } of files) {
    for (const [name, entry] of entries) {
      const other = tensors.get(name)?.source;
      if (other)
        throw new AppError(
          'file-invalid',
          `The tensor ${name} is in ${other.name} and in ${source.name}. Give the files of one checkpoint only.`,
        );
      tensors.set(name, { ...entry, source });
    }
  }
  return { label: files.map(({ source }) => source.name).join(', '), tensors };
}

/** The tensor a network asks for. Throws weights-missing, or shape-mismatch with both shapes. */
export function findTensor(checkpoint: Checkpoint, name: string, shape: readonly number[]): StoredTensor {
  const found = checkpoint.tensors.get(name);
  if (!found)
    throw new AppError(
      'weights-missing',
      `${name} is not among the ${checkpoint.tensors.size} tensors of ${checkpoint.label}. Give all files of the checkpoint, in original Wan naming.`,
    );
  if (found.shape.length !== shape.length || found.shape.some((size, axis) => size !== shape[axis]))
    throw new AppError(
      'shape-mismatch',
      `${name} has shape [${found.shape.join(', ')}] in ${found.source.name}; this network needs [${shape.join(', ')}].`,
    );
  return found;
}
