/**
 * The worker that reads bytes: from the store, from the network and from chosen
 * files. It owns the store and never touches the GPU; what the engine reads goes
 * to it over a port, past the page.
 */
import { expose } from 'comlink';
import { AppError } from '../src/core/errors';
import { openTensorFile } from '../src/weights/checkpoint';
import { Download } from '../src/weights/download';
import { findWeights } from '../src/weights/find_weights';
import { HTTP } from '../src/weights/http_client';
import { type HttpSource, openHttpSource } from '../src/weights/http_source';
import { weightFiles } from '../src/weights/hub';
import type { FileRecord } from '../src/weights/model_record';
import { type ModelStore, openStore } from '../src/weights/opfs_store';
import { rowTables, storedBytes } from '../src/weights/row_tables';
import { openStoredSource } from '../src/weights/stored_source';
import { type OpenSource, type SourceKey, serveSources } from './byte_port';
import { chosenFiles } from './chosen_files';
import { keepErrorCodes } from './error_transfer';
import { MOST_ENTRIES, tooMany, weightsIn } from './folder_files';
import { holdLife } from './hold_life';
import type { LoaderApi } from './loader_api';

keepErrorCodes();

let opened: Promise<ModelStore> | null = null;

function store(): Promise<ModelStore> {
  opened ??= openStore().catch((failure) => {
    opened = null; // so that trying again asks again
    throw failure;
  });
  return opened;
}

const chosen = chosenFiles();
const downloads = new Map<string, { download: Download; ended: Promise<unknown> }>();
let endEngine: (() => void) | null = null;
/** Of all that is looked for or at over the network: a server may ask for minutes of patience. */
let looks = new AbortController();

async function openSource(key: SourceKey, signal: AbortSignal): Promise<OpenSource> {
  if (key.kind === 'stored') return openStored(key.model, key.file);
  const source = key.kind === 'address' ? await openHttpSource(key.address, { signal }) : chosen.open(key);
  return { source, close: () => {} };
}

/** What is known of the file goes along, so that another one in its place is noticed. */
const openOrigin = ({ address, bytes, sha256, version }: FileRecord, signal?: AbortSignal) =>
  openHttpSource(address, { signal, bytes, sha256, version });

async function openStored(id: string, name: string): Promise<OpenSource> {
  const models = await store();
  const model = await models.open(id);
  const release = () => void models.release(id).catch((failure) => console.error(failure));
  try {
    const record = () => model.record.files.find((file) => file.name === name)!;
    const source = await openStoredSource(model, name, () => openOrigin(record()));
    return { source, close: release };
  } catch (failure) {
    release();
    throw failure;
  }
}

const loader: LoaderApi = {
  holdLife,

  async storage() {
    const { usage = 0, quota = 0 } = (await navigator.storage?.estimate()) ?? {};
    const persisted = (await navigator.storage?.persisted()) ?? false;
    return { usedBytes: usage, freeBytes: Math.max(0, quota - usage), persisted };
  },

  async models() {
    return (await store()).list();
  },

  find: (text, base) => findWeights(text, { base, signal: looks.signal }),

  async stopLooking() {
    looks.abort();
    looks = new AbortController();
  },

  async watchWaits(onWait) {
    HTTP.onWait = onWait;
  },

  async look(key) {
    const { signal } = key.kind === 'address' ? looks : new AbortController();
    const { source, close } = await openSource(key, signal);
    const { name, bytes } = source;
    const { sha256 } = source as Partial<HttpSource>;
    const found = { key, name, bytes, ...(sha256 && { sha256 }), rowTables: [], storedBytes: bytes };
    try {
      const { tensors } = await openTensorFile(source, signal);
      const tables = rowTables(tensors, bytes);
      return { ...found, tensors, trouble: null, rowTables: tables, storedBytes: storedBytes(bytes, tables) };
    } catch (failure) {
      if (!(failure instanceof AppError) || failure.code !== 'file-invalid') throw failure;
      return { ...found, tensors: null, trouble: failure.message };
    } finally {
      close();
    }
  },

  async choose(files) {
    if (files.length > MOST_ENTRIES) throw tooMany('What was chosen');
    return files.map(chosen.keep);
  },

  async chooseFolder(folder) {
    const { seen, files } = await weightsIn(folder);
    return { seen, files: files.map((file) => ({ key: chosen.keep(file), path: file.path })) };
  },

  async forget(keys) {
    for (const key of keys) chosen.forget(key);
  },

  async weightsAmong(keys) {
    // The reader of a hub's list asks for addresses; here they are the keys' places.
    const files = keys.flatMap((key, place) => {
      const known = chosen.find(key);
      return known ? { path: known.path, bytes: known.file.size, url: String(place) } : [];
    });
    return weightFiles(files).map(({ name, files, bytes, missing }) => {
      return { name, bytes, missing, keys: files.map(({ url }) => keys[Number(url)]!) };
    });
  },

  async add(model) {
    return (await store()).add(model);
  },

  async download(id, parallel, onProgress) {
    if (downloads.has(id)) throw new AppError('input-invalid', `The model ${id} is being downloaded already.`);
    // Known before the first wait: it can be paused from now on.
    const download = new Download(store(), id, { parallel, onProgress, openSource: openOrigin });
    const ended = download.run().finally(() => downloads.delete(id));
    downloads.set(id, { download, ended: ended.catch(() => {}) });
    await ended;
  },

  async pause(id) {
    downloads.get(id)?.download.pause();
  },

  async resume(id) {
    downloads.get(id)?.download.resume();
  },

  async cancel(id) {
    const running = downloads.get(id);
    running?.download.cancel();
    await running?.ended;
  },

  async remove(id) {
    await loader.cancel(id);
    await (await store()).delete(id);
  },

  async connectEngine(port) {
    endEngine?.();
    endEngine = serveSources(port, openSource);
  },

  async disconnectEngine() {
    endEngine?.();
    endEngine = null;
  },
};

expose(loader);
