/**
 * A file as it grows in the browser's private file system: its bytes, and beside
 * them the map of the blocks that have arrived. Bytes are flushed before the map
 * that tells of them, so a page killed at any moment never believes in bytes that
 * are not there. Synchronous handles exist in workers only.
 */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import {
  type ByteRange,
  type ChunkMap,
  decodeChunkMap,
  emptyChunkMap,
  encodeChunkMap,
  type FileIdentity,
  forgetFrom,
  mark,
} from './chunk_map';

declare global {
  // TypeScript keeps these for worker code, apart from the page's.
  interface FileSystemFileHandle {
    createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
  }
  interface FileSystemSyncAccessHandle {
    read(into: Uint8Array, options?: { at: number }): number;
    write(from: Uint8Array, options?: { at: number }): number;
    truncate(bytes: number): void;
    getSize(): number;
    flush(): void;
    close(): void;
  }
}

/** What a kill may cost: bytes asked for or arrived, and not yet told of in the stored map. */
export const CHUNK_BYTES = 16 * 2 ** 20;

/** Enough to make the flushes cheap (2 ms each on a laptop's disk), and half of what a kill may cost. */
const COMMIT_BYTES = CHUNK_BYTES / 2;

/** A tab that was killed holds its handles a moment longer than its lock. */
const OPEN_PATIENCE_MS = 3000;

export class StoredFile {
  private constructor(
    readonly name: string,
    readonly map: ChunkMap,
    private readonly data: FileSystemSyncAccessHandle,
    private readonly sidecar: FileSystemSyncAccessHandle,
  ) {}

  #uncommittedBytes = 0;

  /**
   * Opens or creates `<stem>.data` and `<stem>.map`. What is there of another file
   * is dropped; blocks of the map that the data is too short for are forgotten.
   * `name` is for messages. Throws storage-full or storage-failed.
   */
  static async open(folder: FileSystemDirectoryHandle, stem: string, name: string, identity: FileIdentity) {
    const handles: FileSystemSyncAccessHandle[] = [];
    try {
      for (const file of [dataName(stem), mapName(stem)])
        handles.push(await openHandle(await folder.getFileHandle(file, { create: true })));
      const [data, sidecar] = handles as [FileSystemSyncAccessHandle, FileSystemSyncAccessHandle];
      const known = readMap(sidecar, identity);
      const file = new StoredFile(name, known ?? emptyChunkMap(identity), data, sidecar);
      if (!known) file.reset();
      // Written down at once: bytes that come to lie behind the gap would make the old marks true again.
      else if (forgetFrom(file.map, data.getSize())) file.#writeMap();
      return file;
    } catch (failure) {
      for (const handle of handles) handle.close();
      throw storageFailure(failure, name, identity.bytes);
    }
  }

  get uncommittedBytes(): number {
    return this.#uncommittedBytes;
  }

  /** Bytes that the caller knows to be there, from its map. */
  read({ beginByte, endByte }: ByteRange, into = new Uint8Array(endByte - beginByte)): Uint8Array<ArrayBuffer> {
    const read = attempt(this.name, 0, () => this.data.read(into, { at: beginByte }));
    if (read !== endByte - beginByte)
      throw new AppError(
        'storage-failed',
        `${this.name}: the browser's storage gave ${read} of the ${endByte - beginByte} bytes from ${beginByte} on. Download the model again.`,
      );
    return into;
  }

  /** One whole block, at its place. Throws storage-full; what was there before stays as it was. */
  writeBlock(beginByte: number, bytes: Uint8Array): void {
    const written = attempt(this.name, bytes.length, () => this.data.write(bytes, { at: beginByte }));
    if (written !== bytes.length)
      throw storageFull(this.name, bytes.length, `only ${written} of them could be written`);
    mark(this.map, { beginByte, endByte: beginByte + bytes.length });
    this.#uncommittedBytes += bytes.length;
    if (this.#uncommittedBytes >= COMMIT_BYTES) this.commit();
  }

  /** From here on, what has been written outlives the page. */
  commit(): void {
    if (this.#uncommittedBytes === 0) return;
    attempt(this.name, 0, () => this.data.flush());
    this.#writeMap();
    this.#uncommittedBytes = 0;
  }

  /** Drops all bytes; first the map, for the reason above. */
  reset(): void {
    this.map.bits.fill(0);
    this.#uncommittedBytes = 0;
    this.#writeMap();
    attempt(this.name, 0, () => {
      this.data.truncate(0);
      this.data.flush();
    });
  }

  close(): void {
    inTurn(
      () => this.commit(),
      () => this.data.close(),
      () => this.sidecar.close(),
    );
  }

  /** At its full length from the first time on, so that a full disk cannot refuse it later. */
  #writeMap(): void {
    const encoded = encodeChunkMap(this.map);
    attempt(this.name, encoded.length, () => {
      if (this.sidecar.getSize() !== encoded.length) this.sidecar.truncate(encoded.length);
      this.sidecar.write(encoded, { at: 0 });
      this.sidecar.flush();
    });
  }
}

/** All of them, whichever fail; then throws the first failure. */
export function inTurn(...works: (() => void)[]): void {
  const failures: unknown[] = [];
  for (const work of works) {
    try {
      work();
    } catch (failure) {
      failures.push(failure);
    }
  }
  if (failures.length > 0) throw failures[0];
}

export const dataName = (stem: string) => `${stem}.data`;
export const mapName = (stem: string) => `${stem}.map`;

async function openHandle(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  const giveUpMs = nowMs() + OPEN_PATIENCE_MS;
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (failure) {
      const held = failure instanceof DOMException && failure.name === 'NoModificationAllowedError';
      if (!held || nowMs() > giveUpMs) throw failure;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function readMap(sidecar: FileSystemSyncAccessHandle, identity: FileIdentity): ChunkMap | null {
  const encoded = new Uint8Array(sidecar.getSize());
  sidecar.read(encoded, { at: 0 });
  try {
    return decodeChunkMap(encoded, identity);
  } catch {
    return null; // new, half-made, or of another file: nothing of it can be used
  }
}

function attempt<T>(name: string, neededBytes: number, work: () => T): T {
  try {
    return work();
  } catch (failure) {
    throw storageFailure(failure, name, neededBytes);
  }
}

/** What the browser's storage throws, as an AppError: storage-full, storage-busy or storage-failed. */
export function storageFailure(failure: unknown, name: string, neededBytes: number): AppError {
  if (failure instanceof AppError) return failure;
  const kind = failure instanceof DOMException ? failure.name : '';
  if (kind === 'QuotaExceededError') return storageFull(name, neededBytes, 'the browser grants no more', failure);
  if (kind === 'NoModificationAllowedError')
    return new AppError('storage-busy', `${name} is open in another tab. Close that tab, then try again.`, {
      cause: failure,
    });
  return new AppError(
    'storage-failed',
    `${name}: the browser's storage cannot be used (${failure}). It may be blocked, as in private windows; files on your disk can be opened without it.`,
    { cause: failure },
  );
}

const storageFull = (name: string, neededBytes: number, reason: string, cause?: unknown) =>
  new AppError('storage-full', `${name}: ${neededBytes} more bytes are to be stored; ${reason}.`, { cause });
