/** The page of the store's tests: the loader as the app has it, and a worker that reads in the engine's place. */
import { transfer, wrap } from 'comlink';
import * as loader from '../../../src/app/loader';
import { keepErrorCodes } from '../../../workers/error_transfer';
import type { Reader } from './reader';

keepErrorCodes();

const reader = wrap<Reader>(new Worker(new URL('./reader.ts', import.meta.url), { type: 'module' }));

async function connectReader(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await Promise.all([reader.connect(transfer(port1, [port1])), loader.lendTo(port2)]);
}

/** Resolves to the code of the AppError that `work` ends in, with its message; null where it succeeds. */
async function failure(work: Promise<unknown>): Promise<{ code: string; message: string } | null> {
  try {
    await work;
    return null;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return { code, message };
  }
}

const page = { loader, reader, connectReader, failure };
export type StorePage = typeof page;

declare global {
  var store: StorePage;
}
globalThis.store = page;
