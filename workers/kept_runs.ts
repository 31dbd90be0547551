/**
 * Videos that this browser began and did not finish, each under a key of its
 * own: a second one, or another tab's, does not take the place of the first.
 */
import { AppError } from '../src/core/errors';
import type { KeyValueStore } from '../src/generate/embeddings';
import { readUnfinished, type Unfinished, writeUnfinished } from '../src/generate/unfinished';
import type { ClipChoice } from './engine_api';

export interface RunStore extends KeyValueStore {
  delete(key: string): Promise<void>;
  keys(): Promise<readonly string[]>;
}

/** Where a browser keeps nothing, as in a private window or on a full disk, what was asked for is not there. */
export const lenient = ({ get, set }: KeyValueStore): KeyValueStore => ({
  get: (key) => get(key).catch(() => undefined),
  set: (key, value) => set(key, value).catch(() => {}),
});

/** How a run was asked for, beside what its own file says. */
export type Way = Pick<ClipChoice, 'loras' | 'residency' | 'memoryBytes' | 'previewEvery'>;

export interface KeptRun {
  readonly id: string;
  readonly unfinished: Unfinished;
  readonly way: Way;
}

/** A large video's takes 80 MB. */
export const MOST_RUNS = 3;

/** A key is the run's id: this, the date it began at, and what tells it from others. Until there could be several, it was this alone. */
const PREFIX = 'unfinished';

export interface RunKeeper {
  /** Resolves before the state is written: a step waits only where the write before has not ended. */
  keep(unfinished: Unfinished): Promise<void>;
  /** The video is whole: nothing is left to go on with. */
  finish(): Promise<void>;
}

export function keptRuns(store: RunStore) {
  /** Oldest first. */
  const ids = async () => (await store.keys()).filter((key) => key.startsWith(PREFIX)).sort();

  /** Behind all that are kept, also where the date was set back since. */
  async function newId(dateMs = Date.now()): Promise<string> {
    const last = (await ids().catch(() => [])).at(-1);
    const lastMs = Date.parse(last?.split(' ')[1] ?? '');
    const atMs = lastMs >= dateMs ? lastMs + 1 : dateMs;
    return `${PREFIX} ${new Date(atMs).toISOString()} ${crypto.randomUUID()}`;
  }

  /** What does not read any more, as after an update of the app, is as if it were not there. */
  async function read(id: string): Promise<KeptRun | null> {
    const found = (await store.get(id)) as { bytes: Uint8Array; way: Way } | undefined;
    if (!found) return null;
    try {
      return { id, unfinished: readUnfinished(found.bytes, 'The unfinished video'), way: found.way };
    } catch (failure) {
      if (!(failure instanceof AppError)) throw failure;
      await store.delete(id);
      return null;
    }
  }

  /** Leaves out those that are under way, in whatever tab: they are not to be gone on with. */
  async function latest(underWay: ReadonlySet<string> = new Set()): Promise<KeptRun | null> {
    for (const id of (await ids()).reverse()) {
      if (underWay.has(id)) continue;
      const run = await read(id);
      if (run) return run;
    }
    return null;
  }

  async function makeRoomFor(id: string): Promise<void> {
    const others = (await ids()).filter((other) => other !== id);
    for (const oldest of others.slice(0, -(MOST_RUNS - 1))) await store.delete(oldest);
  }

  /** A state that cannot be kept is no reason to give up the video: what was kept before it stays. */
  function keeper(id: string, way: Way): RunKeeper {
    let writing: Promise<void> | null = null;
    return {
      async keep(unfinished) {
        const before = writing ?? makeRoomFor(id).catch((failure) => console.error(failure));
        await before;
        const run = { bytes: writeUnfinished(unfinished), way };
        writing = store.set(id, run).catch((failure) => console.error(failure));
      },
      async finish() {
        await writing;
        await store.delete(id).catch(() => {});
      },
    };
  }

  return { newId, latest, read, keeper, delete: store.delete };
}
