/** What every checkpoint format comes down to: named tensors, each in one range of a file. */
import { excerpt } from '../core/errors';
import type { ByteSource } from './byte_source';
import { WEIGHT_FORMATS, type WeightType } from './weight_types';

/** Of a file, or an index of files. Wan2.2's networks have 1,300 in all, a LoRA of every layer 2,000; each is named in turn. */
export const MAX_TENSORS = 10_000;

export type FileFormat = 'safetensors' | 'gguf' | 'pth';

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

/**
 * A list in a file's metadata, kept as the file's bytes until it is asked for: the 256,000 strings
 * of a vocabulary take 7 MB in the file and several times that on the heap.
 */
export interface MetadataList {
  readonly length: number;
  /** Decodes all of it anew at each call. */
  values(): readonly MetadataValue[];
}

/** A bigint only where a number would not be exact. */
export type MetadataValue = string | number | bigint | boolean | MetadataList;

/** As a message shows it: short, whatever it is. */
export const metadataExcerpt = (value: MetadataValue | undefined): string =>
  typeof value === 'object' ? 'a list' : excerpt(String(value));

export interface TensorFile<Value extends MetadataValue = MetadataValue> {
  readonly source: ByteSource;
  readonly format: FileFormat;
  /** By the names in the file, in the order of the data. */
  readonly tensors: ReadonlyMap<string, FileTensor>;
  readonly metadata: Readonly<Record<string, Value>>;
}

const TYPES: ReadonlyMap<string | undefined, string> = new Map(
  Object.entries(WEIGHT_FORMATS).map(([type, { safetensors }]) => [safetensors, type]),
);

/** The type of a safetensors (or PyTorch) dtype, or null where no kernel decodes it. */
export const typeOfDtype = (dtype: string): WeightType | null => (TYPES.get(dtype) as WeightType | undefined) ?? null;
