/** Trained weights: files of any format opened, and their tensors as one directory by their original names. */
import { AppError, excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { GGUF_MAGIC, openGguf } from './gguf';
import { type NamedPart, recogniseNames } from './recognise_names';
import { parseSafetensorsHeader, safetensorsHeaderBytes } from './safetensors';
import { weightOfScale, withScale } from './scaled_weights';
import { type FileTensor, type TensorFile, typeOfDtype } from './tensor_file';
import { EMBEDDING, EMBEDDING_ALIAS } from './tensor_names';
import { openTorchZip } from './torch_zip';

/** A safetensors header of the DiT's size fits, so most files take one request to open. */
const FIRST_READ_BYTES = 256 * 1024;

const ZIP_MAGIC = 'PK\x03\x04';
/** A bare pickle, as torch.save wrote it before 1.6. */
const OLD_TORCH_MAGIC = '\x80\x02\x8a\x0a';

/** Where a tensor of a network lies: `source`, and its bytes there. */
export interface StoredTensor extends FileTensor {
  readonly source: ByteSource;
  /** What its numbers are to be multiplied by: one value for all of it, or one for each row; f32, f16 or bf16. */
  readonly scale?: StoredTensor;
}

/** A tensor that belongs to no network, such as a tokenizer's `spiece_model`, by its name in the file. */
export interface UnmappedTensor extends StoredTensor {
  readonly name: string;
}

export interface CheckpointPart extends NamedPart {
  readonly file: TensorFile;
}

export interface Checkpoint {
  /** For messages and results: the files' names. */
  readonly label: string;
  /** By their names in the original Wan checkpoints, whatever the files call them. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly unmapped: readonly UnmappedTensor[];
  /** Which network each file holds, and how it names it. */
  readonly parts: readonly CheckpointPart[];
  /** Their metadata may hold a tokenizer. */
  readonly files: readonly TensorFile[];
}

/**
 * The format is told by the first bytes, whatever the file is called.
 * Throws file-invalid, with the file's name and the reason, for a file that is not as its format demands.
 */
export async function openTensorFile(source: ByteSource, signal?: AbortSignal): Promise<TensorFile> {
  const start = await source.read(0, Math.min(FIRST_READ_BYTES, source.bytes), signal);
  const opened = remembering(source, start);
  try {
    return { ...(await openerOf(start)(opened, signal)), source: opened };
  } catch (failure) {
    throw withName(failure, source);
  }
}

/** For files that must be of this format, such as golden files: its metadata holds texts only. */
export async function openSafetensors(source: ByteSource, signal?: AbortSignal): Promise<TensorFile<string>> {
  try {
    return await readSafetensors(source, signal);
  } catch (failure) {
    throw withName(failure, source);
  }
}

type Open = (source: ByteSource, signal?: AbortSignal) => Promise<TensorFile>;

function openerOf(start: Uint8Array): Open {
  const magic = String.fromCharCode(...start.subarray(0, 4));
  if (magic === GGUF_MAGIC) return openGguf;
  if (magic === ZIP_MAGIC) return openTorchZip;
  if (magic === OLD_TORCH_MAGIC)
    throw new AppError(
      'file-invalid',
      'Not a usable PyTorch file: it has the form from before PyTorch 1.6, whose tensors cannot be read in ranges. Load it with torch and save it again.',
    );
  return readSafetensors;
}

async function readSafetensors(source: ByteSource, signal?: AbortSignal): Promise<TensorFile<string>> {
  const start = await source.read(0, Math.min(FIRST_READ_BYTES, source.bytes), signal);
  const end = safetensorsHeaderBytes(start, source.bytes);
  const bytes = end <= start.length ? start : await source.read(0, end, signal);
  const { tensors, metadata } = parseSafetensorsHeader(bytes, source.bytes);
  return {
    source,
    format: 'safetensors',
    metadata,
    tensors: new Map([...tensors].map(([name, tensor]) => [name, { ...tensor, type: typeOfDtype(tensor.dtype) }])),
  };
}

/** The source with its first bytes kept: what was read to open a file, weights behind the header too, is not asked for again. */
function remembering(source: ByteSource, start: Uint8Array<ArrayBuffer>): ByteSource {
  const kept = start.length;
  const into = source.readInto;
  return {
    name: source.name,
    bytes: source.bytes,
    async read(begin, end, signal) {
      if (begin < 0 || begin > end || begin >= kept) return source.read(begin, end, signal);
      if (end <= kept) return start.slice(begin, end);
      const bytes = new Uint8Array(end - begin);
      bytes.set(start.subarray(begin));
      bytes.set(await source.read(kept, end, signal), kept - begin);
      return bytes;
    },
    ...(into && {
      async readInto(begin, target, signal) {
        const known = Math.min(target.length, Math.max(0, kept - begin));
        if (known > 0) target.set(start.subarray(begin, begin + known));
        if (known < target.length) await into.call(source, begin + known, target.subarray(known), signal);
      },
    }),
  };
}

function withName(failure: unknown, { name }: ByteSource): unknown {
  if (!(failure instanceof AppError) || failure.code !== 'file-invalid') return failure;
  return new AppError(failure.code, `${name}: ${failure.message}`, { cause: failure });
}

/**
 * The files of one checkpoint, in any order; of one network or of several. A tensor in two of them is an error: which one
 * is meant? `named`: what `recogniseNames` makes of them, where it was asked before.
 */
export function joinFiles(
  files: readonly TensorFile[],
  named: readonly NamedPart[][] = recogniseNames(files.map(({ tensors }) => tensors.keys())),
): Checkpoint {
  const parts = files.flatMap((file, i) => named[i]!.map((part): CheckpointPart => ({ ...part, file })));
  const originals = named.map((parts) => new Map(parts.flatMap((part) => [...part.originals])));
  // Of a name in several files, that of the first.
  const originalsAnywhere = new Map(originals.toReversed().flatMap((map) => [...map]));

  const tensors = new Map<string, StoredTensor>();
  const namesInFiles = new Map<string, string>();
  const unmapped: UnmappedTensor[] = [];
  const scales: { weight: string; name: string; scale: StoredTensor }[] = [];
  files.forEach(({ source, tensors: entries }, i) => {
    for (const [name, entry] of entries) {
      const stored: StoredTensor = { ...entry, source };
      const original = originals[i]!.get(name);
      const weight = weightOfScale(name);
      // A shard may hold the scale of a weight in another shard.
      const scaled = weight && (originals[i]!.get(weight) ?? originalsAnywhere.get(weight));
      if (scaled) scales.push({ weight: scaled, name, scale: stored });
      else if (original === undefined) unmapped.push({ ...stored, name });
      else {
        const other = tensors.get(original);
        if (other && isAlias(original, namesInFiles.get(original)!, name) && alike(other, stored)) continue;
        if (other)
          throw new AppError(
            'file-invalid',
            `The tensor ${excerpt(original)} is in ${other.source.name} and in ${source.name}. Give the files of one checkpoint only.`,
          );
        tensors.set(original, stored);
        namesInFiles.set(original, name);
      }
    }
  });
  for (const { weight, name, scale } of scales) {
    const stored = tensors.get(weight)!;
    // Formats that are not decoded scale in ways of their own.
    if (stored.type === null) unmapped.push({ ...scale, name });
    else tensors.set(weight, withScale(weight, stored, scale));
  }
  return { label: files.map(({ source }) => source.name).join(', '), tensors, unmapped, parts, files };
}

/** Transformers' two names of the one embedding. */
function isAlias(original: string, ...names: readonly [string, string]): boolean {
  return original === EMBEDDING && names.filter((name) => name.endsWith(EMBEDDING_ALIAS)).length === 1;
}

const alike = (a: FileTensor, b: FileTensor) => a.type === b.type && equal(a.shape, b.shape);
const equal = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((size, axis) => size === b[axis]);

/**
 * The tensor a network asks for, with the shape asked for: dimensions of 1 in front, which
 * ggml drops, make no difference. Throws weights-missing, or shape-mismatch with both shapes.
 */
export function findTensor(checkpoint: Checkpoint, name: string, shape: readonly number[]): StoredTensor {
  const found = checkpoint.tensors.get(name);
  if (!found)
    throw new AppError(
      'weights-missing',
      `${name} is not among the ${checkpoint.tensors.size} tensors of ${checkpoint.label}. Give all files of the checkpoint.`,
    );
  if (!sameLayout(found.shape, shape))
    throw new AppError(
      'shape-mismatch',
      `${name} has shape [${found.shape.join(', ')}] in ${found.source.name}; this network needs [${shape.join(', ')}].`,
    );
  return { ...found, shape };
}

/** Dimensions of 1 in front make no difference to where an element lies. */
export function sameLayout(a: readonly number[], b: readonly number[]): boolean {
  return equal(withoutLeadingOnes(a), withoutLeadingOnes(b));
}

function withoutLeadingOnes(shape: readonly number[]): readonly number[] {
  const first = shape.findIndex((size) => size !== 1);
  return first < 0 ? [] : shape.slice(first);
}
