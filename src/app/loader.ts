/**
 * The page's end of the loader worker, which reads all bytes: stored models,
 * downloads, chosen files. Ended by an error, it is made anew by the next call;
 * downloads then go on from what was committed.
 */
import { proxy, type Remote, transfer } from 'comlink';
import { keepErrorCodes } from '../../workers/error_transfer';
import type {
  ChosenFile,
  ChosenFolder,
  ChosenWeights,
  DownloadProgress,
  FoundFile,
  HttpWait,
  LoaderApi,
  ModelRecord,
  ModelState,
  NewModel,
  SourceKey,
  StorageState,
  WeightChoice,
} from '../../workers/loader_api';
import { AppError } from '../core/errors';
import { connectLoader, currentWorker, disconnectLoader } from './engine';
import { keptWorker } from './kept_worker';

keepErrorCodes();

const loader = keptWorker<LoaderApi>(
  'loader',
  () => new Worker(new URL('../../workers/loader.ts', import.meta.url), { type: 'module' }),
  () => new AppError('weights-missing', 'The worker that reads weights was ended. Try again; what arrived is kept.'),
);

async function call<T>(use: (api: Remote<LoaderApi>) => Promise<T>): Promise<T> {
  const { api, during } = loader();
  return during(use(api));
}

/** What the browser says is stored and free; it is an estimate, not a promise. */
export const storage = (): Promise<StorageState> => call((api) => api.storage());

/** All stored models, half ones too, with what of them is there. */
export const models = (): Promise<ModelState[]> => call((api) => api.models());

/** What an address, a repository or a folder in one offers as weights. */
export const find = (text: string, base?: string): Promise<WeightChoice[]> => call((api) => api.find(text, base));

/** Ends what is being found or looked at over the network. */
export const stopLooking = (): Promise<void> => call((api) => api.stopLooking());

/** Every pause that a server asked for, or that a failing network makes. */
export const watchWaits = (onWait: (wait: HttpWait) => void): Promise<void> =>
  call((api) => api.watchWaits(proxy(onWait)));

/** Opens the header of a file at an address, in the store or chosen: name, size, tensors. */
export const look = (key: SourceKey): Promise<FoundFile> => call((api) => api.look(key));

/** From `<input type=file>` (also of a folder) or dropped; read in place, never copied. */
export const chooseFiles = (files: Iterable<File>): Promise<SourceKey[]> => {
  const chosen: ChosenFile[] = Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
  return call((api) => api.choose(chosen));
};

/** From `showDirectoryPicker()` or a dropped folder. */
export const chooseFolder = (folder: FileSystemDirectoryHandle): Promise<ChosenFolder> =>
  call((api) => api.chooseFolder(folder));

/** Lets chosen files go. */
export const forget = (keys: readonly SourceKey[]): Promise<void> => call((api) => api.forget(keys));

/** Which of the chosen files are weights, and which of those belong together. */
export const weightsAmong = (keys: readonly SourceKey[]): Promise<ChosenWeights[]> =>
  call((api) => api.weightsAmong(keys));

export const add = (model: NewModel): Promise<ModelRecord> => call((api) => api.add(model));

let asked: Promise<boolean> | null = null;

/** Asks the browser not to take stored models away. Once: some browsers put it to the user. Only pages may ask. */
function askToPersist(): Promise<boolean> {
  asked ??= navigator.storage?.persist().catch(() => false) ?? Promise.resolve(false);
  return asked;
}

/**
 * Resolves when the model is there and checked; begins where an earlier download
 * ended. `parallel`: requests at a time, 1 to 4.
 */
export function download(id: string, onProgress: (progress: DownloadProgress) => void, parallel = 4): Promise<void> {
  void askToPersist(); // the answer changes nothing about the download, and may take the user a while
  return call((api) => api.download(id, parallel, proxy(onProgress)));
}

export const pause = (id: string): Promise<void> => call((api) => api.pause(id));

export const resume = (id: string): Promise<void> => call((api) => api.resume(id));

export const cancel = (id: string): Promise<void> => call((api) => api.cancel(id));

export const remove = (id: string): Promise<void> => call((api) => api.remove(id));

/** Lets a worker that has the port's other end read from the loader. The last one that was let in is the only one. */
export const lendTo = (port: MessagePort): Promise<void> => call((api) => api.connectEngine(transfer(port, [port])));

/** Whoever read over the port is gone, and closes nothing any more. */
export const letGo = (): Promise<void> => call((api) => api.disconnectEngine());

let link: { readonly engine: object; readonly loader: object; readonly made: Promise<unknown> } | null = null;

/** Call it before a run that reads weights: either worker may be a new one. A link that holds is kept, with its reads. */
export async function connectEngine(): Promise<void> {
  const engine = currentWorker();
  const { ended } = loader();
  if (link?.engine !== engine || link.loader !== ended) {
    const { port1, port2 } = new MessageChannel();
    const made = Promise.all([connectLoader(port1), lendTo(port2)]);
    const own = { engine, loader: ended, made };
    link = own;
    // Neither worker sees that the other is gone: files would stay in use, and reads never end.
    const cutFrom = (gone: Promise<never>, tell: () => Promise<void>) =>
      gone.catch(() => {
        if (link !== own) return;
        link = null;
        return tell();
      });
    for (const cut of [cutFrom(engine, letGo), cutFrom(ended, disconnectLoader)])
      cut.catch((failure) => console.error(failure));
  }
  const mine = link;
  try {
    await mine.made;
  } catch (failure) {
    if (link === mine) link = null;
    throw failure;
  }
}
