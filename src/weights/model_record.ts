/**
 * What is written down of a model in the store, `model.json` beside its files:
 * where they came from, which ranges of them are wanted, and whether they were
 * checked.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { AppError } from '../core/errors';
import { MAX_FILE_BYTES } from './byte_source';
import { type ByteRange, type FileIdentity, rangesWithout } from './chunk_map';
import type { FileVersion } from './file_version';
import { fnv1a } from './synth_rule';

/**
 * How the bytes compare with the sum their origin tells. 'partial': only ranges
 * were wanted, and a part has no sum; 'no-sum': the origin tells none; 'wrong':
 * set aside, nothing of it is read, and the next download begins it anew.
 */
export type Checked = 'not-yet' | 'right' | 'wrong' | 'partial' | 'no-sum';

export interface FileRecord {
  /** Unique in the model; with folders, such as 'transformer/model-00001-of-00002.safetensors'. */
  readonly name: string;
  readonly address: string;
  readonly bytes: number;
  /** Lower-case hexadecimal. */
  readonly sha256?: string | undefined;
  /** What the server had when the first of the bytes that are stored came: the others must be of the same. */
  readonly version?: FileVersion | undefined;
  readonly wanted: readonly ByteRange[];
  readonly checked: Checked;
}

export interface ModelRecord {
  readonly id: string;
  /** What the user knows it by. */
  readonly name: string;
  readonly files: readonly FileRecord[];
}

/** A model to be kept. */
export interface NewModel {
  readonly name: string;
  readonly files: readonly (Omit<FileRecord, 'wanted' | 'checked' | 'version'> & {
    /** Tensors, by their ranges, that are not to be stored: what is read of them comes over the network each time. */
    readonly unwanted?: readonly ByteRange[] | undefined;
  })[];
}

/** Follows from the name and the addresses, so that adding a model again finds the half that is there. */
export function recordOf({ name, files }: NewModel): ModelRecord {
  const names = new Set(files.map((file) => file.name));
  if (files.length === 0 || names.size !== files.length)
    throw new AppError('input-invalid', `${name} has ${files.length} files with ${names.size} different names.`);
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 40);
  const hash = fnv1a(files.map(({ address }) => address).join('\n')).toString(16);
  return {
    id: `${slug || 'model'}-${hash.padStart(8, '0')}`,
    name,
    files: files.map(({ unwanted = [], ...file }) => ({
      ...file,
      wanted: rangesWithout(file.bytes, unwanted),
      checked: 'not-yet',
    })),
  };
}

export const identityOf = ({ bytes, sha256, address }: FileRecord): FileIdentity => ({
  bytes,
  origin: sha256 ?? address,
});

/** Whether its sum could be checked at all. */
export function checkable({ wanted, bytes, sha256 }: FileRecord): 'partial' | 'no-sum' | 'yes' {
  const [range] = wanted;
  const whole = wanted.length === 1 && range!.beginByte === 0 && range!.endByte === bytes;
  if (!whole) return 'partial';
  return sha256 ? 'yes' : 'no-sum';
}

/** `next` as it is to be written where `known` is: a file that stayed the same keeps what was found out of it. */
export function mergeRecords(known: ModelRecord | null, next: ModelRecord): ModelRecord {
  const sameFile = (a: FileRecord, b: FileRecord) =>
    a.bytes === b.bytes && identityOf(a).origin === identityOf(b).origin;
  const sameWanted = (a: FileRecord, b: FileRecord) => JSON.stringify(a.wanted) === JSON.stringify(b.wanted);
  const byName = new Map(known?.files.map((file) => [file.name, file]));
  return {
    ...next,
    files: next.files.map((file) => {
      const before = byName.get(file.name);
      if (!before || !sameFile(before, file)) return file;
      const { version, checked } = before;
      return { ...file, ...(version && { version }), ...(sameWanted(before, file) && { checked }) };
    }),
  };
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_FILE_BYTES));

const record = v.object({
  version: v.literal(1),
  id: v.string(),
  name: v.string(),
  files: v.array(
    v.object({
      name: v.string(),
      address: v.string(),
      bytes: count,
      sha256: v.optional(v.string()),
      version: v.optional(
        v.object({ origin: v.string(), header: v.picklist(['ETag', 'Last-Modified']), tag: v.string() }),
      ),
      wanted: v.array(v.object({ beginByte: count, endByte: count })),
      checked: v.picklist(['not-yet', 'right', 'wrong', 'partial', 'no-sum']),
    }),
  ),
});

/** Of thousands of files, and ranges of them. What is longer would take seconds to parse. */
export const MOST_RECORD_CHARACTERS = 2 ** 21;

/** Throws AppError input-invalid for one of so many files that it could not be read again. */
export function encodeRecord(model: ModelRecord): string {
  const text = JSON.stringify({ version: 1, ...model });
  if (text.length > MOST_RECORD_CHARACTERS)
    throw new AppError(
      'input-invalid',
      `What is written down of ${model.name}’s ${model.files.length} files has ${text.length} characters, of ${MOST_RECORD_CHARACTERS} at most. Add fewer files.`,
    );
  return text;
}

/** Null where the text is no record of model `id`: half-written, or by another version. */
export function decodeRecord(text: string, id: string): ModelRecord | null {
  if (text.length > MOST_RECORD_CHARACTERS) return null;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = checked(record, json);
  if (!parsed.success || parsed.output.id !== id) return null;
  const { version: _, ...model } = parsed.output;
  return model;
}
