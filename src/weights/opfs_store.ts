/**
 * The models in the browser's private file system, a folder each:
 *
 *     models/<id>/model.json     the record
 *     models/<id>/0.data 0.map   the first file of the record, and what of it has arrived
 *
 * For a worker: the pages of a browser share the store, and a model is in use by
 * one of them at a time.
 */
import { AppError } from '../core/errors';
import { type ChunkMap, decodeChunkMap, emptyChunkMap, forgetFrom, presentBytes, wantedBytes } from './chunk_map';
import {
  decodeRecord,
  encodeRecord,
  type FileRecord,
  identityOf,
  type ModelRecord,
  mergeRecords,
  type NewModel,
  recordOf,
} from './model_record';
import { dataName, inTurn, mapName, StoredFile, storageFailure } from './stored_file';

export interface FileState extends FileRecord {
  /** Of the blocks that are wanted. */
  readonly presentBytes: number;
  readonly wantedBytes: number;
  /** Bytes that had been stored are there no more: the browser took them, to make room. */
  readonly evicted: boolean;
}

export interface ModelState {
  readonly id: string;
  readonly name: string;
  readonly files: readonly FileState[];
  /** What its folder takes of the browser's storage. */
  readonly storedBytes: number;
  /** False where the record is missing or unreadable: such a model can only be deleted. */
  readonly usable: boolean;
}

const RECORD = 'model.json';

/** A reload frees its models a moment after the new page asks for them. */
const LOCK_PATIENCE_MS = 2000;

/** Throws storage-failed where the browser lets this page store nothing. */
export async function openStore(): Promise<ModelStore> {
  try {
    const root = await navigator.storage.getDirectory();
    return new ModelStore(await root.getDirectoryHandle('models', { create: true }));
  } catch (failure) {
    throw storageFailure(failure, 'Stored models', 0);
  }
}

export class ModelStore {
  /** Models in use here, with how many users hold each. */
  readonly #open = new Map<string, { model: Promise<StoredModel>; users: number }>();

  constructor(private readonly folder: FileSystemDirectoryHandle) {}

  /** All models, half ones too. Needs no lock: it reads sizes and maps only. */
  async list(): Promise<ModelState[]> {
    const models: ModelState[] = [];
    for await (const handle of this.folder.values()) {
      if (handle.kind !== 'directory') continue;
      const inUse = await this.#open.get(handle.name)?.model.catch(() => undefined);
      try {
        models.push(await modelState(handle, await readRecord(handle), inUse));
      } catch (failure) {
        if (isNotFound(failure)) continue; // another tab deletes it just now
        console.error(storageFailure(failure, handle.name, 0));
        models.push({ ...unusable(handle.name), storedBytes: 0 });
      }
    }
    return models.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Writes the model down, without any bytes; where it is known already, what is there of it is kept. */
  async add(model: NewModel): Promise<ModelRecord> {
    const next = recordOf(model);
    encodeRecord(next); // what cannot be written down leaves no folder behind
    const held = await this.#hold(next.id);
    try {
      const folder = await this.folder.getDirectoryHandle(next.id, { create: true });
      const merged = mergeRecords(await readRecord(folder), next);
      await writeRecord(folder, merged);
      return merged;
    } catch (failure) {
      throw storageFailure(failure, model.name, 0);
    } finally {
      held();
    }
  }

  /**
   * Takes the model for this page; give it back with `release`. Throws
   * weights-missing where there is none, storage-busy while another tab has it.
   */
  async open(id: string): Promise<StoredModel> {
    const entry = this.#open.get(id) ?? { model: this.#openOnce(id), users: 0 };
    this.#open.set(id, entry);
    entry.users += 1;
    try {
      return await entry.model;
    } catch (failure) {
      if (this.#open.get(id) === entry) this.#open.delete(id);
      throw failure;
    }
  }

  async release(id: string): Promise<void> {
    const entry = this.#open.get(id);
    if (!entry || --entry.users > 0) return;
    this.#open.delete(id);
    await (await entry.model).close();
  }

  /** Frees its bytes. Throws storage-busy while it is in use, here or in another tab. */
  async delete(id: string): Promise<void> {
    const held = await this.#hold(id);
    try {
      await this.folder.removeEntry(id, { recursive: true });
    } catch (failure) {
      if (!isNotFound(failure)) throw storageFailure(failure, id, 0);
    } finally {
      held();
    }
  }

  async #openOnce(id: string): Promise<StoredModel> {
    const held = await this.#hold(id);
    try {
      const folder = await this.folder.getDirectoryHandle(id).catch(() => null);
      const record = folder && (await readRecord(folder));
      if (!record)
        throw new AppError('weights-missing', `The model ${id} is not in this browser's storage. Download it again.`);
      return new StoredModel(folder, record, held);
    } catch (failure) {
      held();
      throw storageFailure(failure, id, 0);
    }
  }

  /** Resolves to what lets go of the model again. */
  #hold(id: string): Promise<() => void> {
    const busy = (where: string) =>
      new AppError('storage-busy', `The model ${id} is in use ${where}. End that first, then try again.`);
    const usedHere = (this.#open.get(id)?.users ?? 0) > 0;
    return new Promise((resolve, reject) => {
      const patience = { signal: AbortSignal.timeout(LOCK_PATIENCE_MS) };
      navigator.locks
        .request(`wanscope-model/${id}`, patience, () => new Promise<void>((release) => resolve(release)))
        .catch((failure) =>
          reject(
            failure?.name === 'TimeoutError'
              ? busy(usedHere ? 'in this tab' : 'in another tab')
              : storageFailure(failure, id, 0),
          ),
        );
    });
  }
}

/** A model in use by this page, with the files of it that were opened. */
export class StoredModel {
  readonly #files = new Map<string, Promise<StoredFile>>();

  constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private known: ModelRecord,
    private readonly letGo: () => void,
  ) {}

  get record(): ModelRecord {
    return this.known;
  }

  /** Throws weights-missing for a name that is not in the record; storage-full, storage-failed. */
  async file(name: string): Promise<StoredFile> {
    const index = this.known.files.findIndex((file) => file.name === name);
    const record = this.known.files[index];
    if (!record)
      throw new AppError(
        'weights-missing',
        `${name} is none of the ${this.known.files.length} files of ${this.known.name}.`,
      );
    let file = this.#files.get(name);
    if (!file) {
      file = StoredFile.open(this.folder, String(index), `${this.known.name}: ${name}`, identityOf(record));
      this.#files.set(name, file);
      file.catch(() => this.#files.delete(name));
    }
    return file;
  }

  /** The map of a file in use, which is ahead of the stored one. */
  async liveMap(name: string): Promise<ChunkMap | undefined> {
    return (await this.#files.get(name)?.catch(() => undefined))?.map;
  }

  /** Writes down what was found out of a file. */
  async note(name: string, found: Partial<Pick<FileRecord, 'checked' | 'version'>>): Promise<void> {
    const files = this.known.files.map((file) => (file.name === name ? { ...file, ...found } : file));
    const next = { ...this.known, files };
    await writeRecord(this.folder, next);
    this.known = next;
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#files.values());
    const closings = opened.flatMap((file) => (file.status === 'fulfilled' ? [() => file.value.close()] : []));
    inTurn(...closings, this.letGo);
  }
}

const unusable = (id: string) => ({ id, name: id, files: [], usable: false });

const isNotFound = (failure: unknown) => failure instanceof DOMException && failure.name === 'NotFoundError';

async function modelState(
  folder: FileSystemDirectoryHandle,
  record: ModelRecord | null,
  inUse?: StoredModel,
): Promise<ModelState> {
  const sizes = new Map<string, number>();
  for await (const handle of folder.values()) {
    if (handle.kind !== 'file') continue;
    const file = await handle.getFile().catch((failure) => {
      if (!isNotFound(failure)) throw failure; // a record that another tab replaces just now
    });
    if (file) sizes.set(handle.name, file.size);
  }
  const storedBytes = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  if (!record) return { ...unusable(folder.name), storedBytes };
  const files = await Promise.all(
    record.files.map(async (file, index): Promise<FileState> => {
      const live = await inUse?.liveMap(file.name);
      const map = live ?? (await storedMap(folder, index, file));
      const isCut = !live && forgetFrom(map, sizes.get(dataName(String(index))) ?? 0);
      const present = presentBytes(map, file.wanted);
      const wanted = wantedBytes(file.bytes, file.wanted);
      const evicted = isCut || (file.checked === 'right' && present < wanted);
      return { ...file, presentBytes: present, wantedBytes: wanted, evicted };
    }),
  );
  return { id: record.id, name: record.name, files, storedBytes, usable: true };
}

const ATTEMPTS = 5;

/** Null where there is none. Where another tab replaces it between the steps, it is read again. */
async function readSmall(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array<ArrayBuffer> | null> {
  for (let attempt = 1; ; attempt++) {
    let handle: FileSystemFileHandle | undefined;
    try {
      handle = await folder.getFileHandle(name);
      return new Uint8Array(await (await handle.getFile()).arrayBuffer());
    } catch (failure) {
      if (isNotFound(failure) && !handle) return null;
      const changed = isNotFound(failure) || (failure instanceof DOMException && failure.name === 'NotReadableError');
      if (!changed || attempt === ATTEMPTS) throw failure;
    }
  }
}

async function storedMap(folder: FileSystemDirectoryHandle, index: number, record: FileRecord) {
  try {
    const encoded = await readSmall(folder, mapName(String(index)));
    if (encoded) return decodeChunkMap(encoded, identityOf(record));
  } catch {} // of another file, or not to be read now
  return emptyChunkMap(identityOf(record));
}

/** Null where there is none, or one that cannot be understood; throws where it cannot be read. */
async function readRecord(folder: FileSystemDirectoryHandle): Promise<ModelRecord | null> {
  const encoded = await readSmall(folder, RECORD);
  return encoded && decodeRecord(new TextDecoder().decode(encoded), folder.name);
}

/** A writable puts its file in place when it is closed, whole: a kill leaves the old record or the new one. */
async function writeRecord(folder: FileSystemDirectoryHandle, record: ModelRecord): Promise<void> {
  const text = encodeRecord(record);
  try {
    const file = await folder.getFileHandle(RECORD, { create: true });
    if (!file.createWritable)
      throw new AppError('storage-failed', 'This browser keeps no models. Safari does from version 26 on.');
    const writable = await file.createWritable();
    await writable.write(text);
    await writable.close();
  } catch (failure) {
    throw storageFailure(failure, record.name, text.length);
  }
}
