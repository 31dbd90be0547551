/**
 * What the loader worker offers the page, through comlink. Types only, so that
 * `src/app` can name them without loading the loader.
 */

import type { ByteRange } from '../src/weights/chunk_map';
import type { DownloadProgress } from '../src/weights/download';
import type { HttpWait } from '../src/weights/http_client';
import type { WeightChoice } from '../src/weights/hub';
import type { ModelRecord, NewModel } from '../src/weights/model_record';
import type { ModelState } from '../src/weights/opfs_store';
import type { FileTensor } from '../src/weights/tensor_file';
import type { SourceKey } from './byte_port';

export type {
  ByteRange,
  DownloadProgress,
  FileTensor,
  HttpWait,
  ModelRecord,
  ModelState,
  NewModel,
  SourceKey,
  WeightChoice,
};

/** What a look at a file finds. */
export interface FoundFile {
  /** By which the engine, and `look`, can read it. */
  readonly key: SourceKey;
  /** An address without its query, or the path of a chosen file. */
  readonly name: string;
  readonly bytes: number;
  /** As its origin tells it. */
  readonly sha256?: string;
  /** By the names in the file; null where its header could not be read, for the reason in `trouble`. */
  readonly tensors: ReadonlyMap<string, FileTensor> | null;
  readonly trouble: string | null;
  /** Tables of which a few rows are ever read, where leaving them out of the store saves something. */
  readonly rowTables: readonly ByteRange[];
  /** What the store takes of the file without them. */
  readonly storedBytes: number;
}

/** Chosen files that are weights together: one file, or shards in their order. */
export interface ChosenWeights {
  readonly name: string;
  readonly keys: readonly SourceKey[];
  readonly bytes: number;
  /** Shards that their names count but that were not chosen. */
  readonly missing: number;
}

/** A file the user chose, with its path below the folder if it was in one. */
export interface ChosenFile {
  readonly path: string;
  readonly file: File;
}

export interface ChosenFolder {
  /** Files of any name. */
  readonly seen: number;
  readonly files: readonly { readonly key: SourceKey; readonly path: string }[];
}

export interface StorageState {
  /** As the browser estimates it. Some report a fixed amount as free, whatever the disk has. */
  readonly usedBytes: number;
  readonly freeBytes: number;
  /** Whether the browser promised not to take stored models away to make room. */
  readonly persisted: boolean;
}

export interface LoaderApi {
  /** Resolves once the lock of this name is held, until the worker's end. */
  holdLife(name: string): Promise<void>;
  storage(): Promise<StorageState>;
  models(): Promise<ModelState[]>;
  /**
   * What an address offers: `owner/repo`, a page or folder of a hub, a file anywhere. `base` is the hub that names
   * without an address belong to. Throws as `findWeights` does.
   */
  find(text: string, base?: string): Promise<WeightChoice[]>;
  /** Ends every `find`, and every `look` at an address: they reject with `cancelled`. */
  stopLooking(): Promise<void>;
  /** Tells of every pause before a request is made again, as when a server asks to wait. */
  watchWaits(onWait: (wait: HttpWait) => void): Promise<void>;
  /** Opens a file's header. Throws weights-missing where there is no such file, and what the source throws. */
  look(key: SourceKey): Promise<FoundFile>;
  /**
   * Chosen files are read where they are; until they are forgotten, `look` and the engine know them by these keys. Throws
   * input-invalid for more than 10,000.
   */
  choose(files: readonly ChosenFile[]): Promise<SourceKey[]>;
  /** The weights of a folder, and of those in it, given by the File System Access API. Throws as `weightsIn` does. */
  chooseFolder(folder: FileSystemDirectoryHandle): Promise<ChosenFolder>;
  /** Lets chosen files go. What the engine has open it goes on reading. */
  forget(keys: readonly SourceKey[]): Promise<void>;
  /** Which of the chosen files are weights, by their names, and which of those belong together. */
  weightsAmong(keys: readonly SourceKey[]): Promise<ChosenWeights[]>;
  /** Lists a model as one to be kept. `download` brings its bytes. */
  add(model: NewModel): Promise<ModelRecord>;
  /** Resolves when all is there and checked. Throws as `Download.run` does, and storage-busy. */
  download(id: string, parallel: number, onProgress: (progress: DownloadProgress) => void): Promise<void>;
  pause(id: string): Promise<void>;
  resume(id: string): Promise<void>;
  /** Ends the download; its promise rejects with `cancelled`. What has arrived is kept. */
  cancel(id: string): Promise<void>;
  /** Ends its download and frees its bytes. Throws storage-busy while the engine or another tab reads it. */
  remove(id: string): Promise<void>;
  /** The one engine that reads; another one takes its place. */
  connectEngine(port: MessagePort): Promise<void>;
  /** The engine is gone: what it had open is let go. */
  disconnectEngine(): Promise<void>;
}
