/** The download of a model into the store: its files one after the other, each fetched and then checked. */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import { checkSum } from './check_sum';
import { missingRanges, presentBytes, wantedBytes } from './chunk_map';
import { fetchMissing, MAX_PARALLEL } from './fetch_missing';
import type { HttpSource } from './http_source';
import { checkable, type FileRecord } from './model_record';
import type { ModelStore, StoredModel } from './opfs_store';
import { rateMeter } from './rate';
import type { StoredFile } from './stored_file';

export interface DownloadProgress {
  readonly phase: 'downloading' | 'checking' | 'paused';
  /** The file that is being fetched or checked. */
  readonly file: string;
  /** Of all files; while checking, of this file and how much of it has been read. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Over the last seconds. */
  readonly bytesPerSecond: number;
  /** Infinity while nothing comes. */
  readonly secondsLeft: number;
}

export interface DownloadOptions {
  /** Throws file-invalid where the origin has another size or version than the record. */
  openSource(file: FileRecord, signal: AbortSignal): Promise<HttpSource>;
  onProgress(progress: DownloadProgress): void;
  /** Requests at a time, 1 to 4. */
  readonly parallel?: number;
}

const PROGRESS_MS = 100;
const PAUSED = Symbol('paused');

/** `Promise.withResolvers`, which Safari has since 17.4 and Firefox since 121. */
function settledLater() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

export class Download {
  readonly #parallel: number;
  #model: StoredModel | null = null;
  #attempt = new AbortController();
  #cancelled = false;
  #paused = false;
  #resumed = settledLater();
  #lastProgressMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly opening: Promise<ModelStore>,
    private readonly id: string,
    private readonly options: DownloadOptions,
  ) {
    this.#parallel = options.parallel ?? MAX_PARALLEL;
    this.#resumed.resolve();
  }

  /**
   * Resolves when every file is there and checked as far as it can be; run a new
   * download to go on after a failure. Throws checksum-wrong, storage-full with
   * what is needed and what is free, cancelled, file-invalid where a file changed
   * at its origin, and what the source throws. What has arrived is kept.
   */
  async run(): Promise<void> {
    const store = await this.opening;
    this.#model = await store.open(this.id);
    try {
      while (!(await this.#attemptAll())) await this.#resumed.promise;
    } catch (failure) {
      // What ended it is the reason, not what then came of it.
      await store.release(this.id).catch((failure) => console.error(failure));
      throw failure;
    }
    await store.release(this.id);
  }

  /** Ends the requests under way; `run` stays pending. */
  pause(): void {
    if (this.#paused || this.#cancelled) return;
    this.#paused = true;
    this.#resumed = settledLater();
    this.#attempt.abort(PAUSED);
  }

  resume(): void {
    this.#paused = false;
    this.#resumed.resolve();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#paused = false;
    this.#attempt.abort();
    this.#resumed.resolve();
  }

  /** False when it was paused. */
  async #attemptAll(): Promise<boolean> {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    const { name, files } = this.model.record;
    if (this.#paused) this.#attempt.abort(PAUSED); // before there was a model
    try {
      signal.throwIfAborted();
      if (this.#cancelled) throw new AppError('cancelled', `The download of ${name} was stopped.`);
      for (const file of files) await this.#bring(file.name, signal);
      return true;
    } catch (failure) {
      if (signal.reason !== PAUSED) throw await this.#withSpace(failure);
    }
    this.#report('paused', files[0]!.name, await this.#present(), this.#wanted(), 0, true);
    return false;
  }

  private get model(): StoredModel {
    return this.#model!;
  }

  async #bring(name: string, signal: AbortSignal): Promise<void> {
    const record = () => this.model.record.files.find((file) => file.name === name)!;
    const file = await this.model.file(name);
    if (record().checked === 'wrong') {
      file.reset();
      await this.model.note(name, { checked: 'not-yet' });
    }
    if (missingRanges(file.map, record().wanted).length > 0) {
      if (record().checked !== 'not-yet') await this.model.note(name, { checked: 'not-yet' });
      await this.#fetch(record(), file, signal);
    }
    if (record().checked === 'not-yet') await this.#check(record(), file, signal);
  }

  async #fetch(record: FileRecord, file: StoredFile, signal: AbortSignal): Promise<void> {
    // Where nothing is there yet, any version will do; what comes then must be of that one.
    const { version, ...unseen } = record;
    const isNew = file.map.bits.every((bits) => bits === 0);
    const source = await this.options.openSource(isNew ? unseen : record, signal);
    if (isNew || !version) await this.model.note(record.name, { version: source.version });
    const rate = rateMeter();
    const total = this.#wanted();
    const others = (await this.#present()) - presentBytes(file.map, record.wanted);
    const report = (unfinishedBytes: number, always: boolean) => {
      const arrived = others + presentBytes(file.map, record.wanted) + unfinishedBytes;
      this.#report('downloading', record.name, arrived, total, rate.perSecond(), always);
    };
    await fetchMissing(file, source, {
      wanted: record.wanted,
      parallel: this.#parallel,
      signal,
      onPiece: (bytes, unfinishedBytes) => {
        rate.add(bytes);
        // Not with every piece: counting goes through the whole map.
        if (this.#isDue()) report(unfinishedBytes, false);
      },
    });
    report(0, true);
  }

  async #check(record: FileRecord, file: StoredFile, signal: AbortSignal): Promise<void> {
    const kind = checkable(record);
    if (kind !== 'yes') return this.model.note(record.name, { checked: kind });
    const rate = rateMeter();
    let before = 0;
    const sum = await checkSum(file, signal, (bytes) => {
      rate.add(bytes - before);
      before = bytes;
      this.#report('checking', record.name, bytes, record.bytes, rate.perSecond());
    });
    await this.model.note(record.name, { checked: sum === record.sha256 ? 'right' : 'wrong' });
    if (sum !== record.sha256)
      throw new AppError(
        'checksum-wrong',
        `${record.name} has the sha256 ${sum}; its origin says ${record.sha256}. It was set aside: download it again.`,
      );
  }

  /** Presence of all files; those not opened yet are opened for it. */
  async #present(): Promise<number> {
    const files = this.model.record.files.map(async ({ name, wanted }) => {
      return presentBytes((await this.model.file(name)).map, wanted);
    });
    return (await Promise.all(files)).reduce((sum, bytes) => sum + bytes, 0);
  }

  #wanted(): number {
    return this.model.record.files.reduce((sum, { bytes, wanted }) => sum + wantedBytes(bytes, wanted), 0);
  }

  #isDue(): boolean {
    return nowMs() - this.#lastProgressMs >= PROGRESS_MS;
  }

  #report(
    phase: DownloadProgress['phase'],
    file: string,
    bytes: number,
    totalBytes: number,
    bytesPerSecond: number,
    always = bytes === totalBytes,
  ): void {
    if (!always && !this.#isDue()) return;
    this.#lastProgressMs = nowMs();
    const secondsLeft = bytesPerSecond > 0 ? (totalBytes - bytes) / bytesPerSecond : Number.POSITIVE_INFINITY;
    this.options.onProgress({ phase, file, bytes, totalBytes, bytesPerSecond, secondsLeft });
  }

  /** A full store is told with what is still to come, and with what the browser had said is free. */
  async #withSpace(failure: unknown): Promise<unknown> {
    if (!(failure instanceof AppError) || failure.code !== 'storage-full') return failure;
    const needed = this.#wanted() - (await this.#present());
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return new AppError(
      'storage-full',
      `${this.model.record.name} needs ${needed} more bytes. The browser stores ${usage} for this site and refused the next; it reports ${quota - usage} free. Delete a model or free disk space, then go on: what has arrived is kept.`,
      { cause: failure },
    );
  }
}
