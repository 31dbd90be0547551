// @vitest-environment happy-dom
/** What stored models hold is asked until it is known. The workers are stood in for. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as engine from '../../src/app/engine';
import * as loader from '../../src/app/loader';
import { inspections, readStore, stored } from '../../src/app/state/models';
import { AppError, type ErrorCode } from '../../src/core/errors';
import type { Inspection } from '../../workers/engine_api';
import type { ModelState } from '../../workers/loader_api';

const inspection = { networks: [], tensors: 3 } as unknown as Inspection;
const model = { id: 'm', name: 'm', files: [], storedBytes: 0, usable: true } as ModelState;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(loader, 'models').mockResolvedValue([model]);
  vi.spyOn(loader, 'storage').mockResolvedValue({ usedBytes: 0, freeBytes: 1, persisted: false });
  vi.spyOn(loader, 'connectEngine').mockResolvedValue();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  stored.value = null;
  inspections.value = new Map();
});

const failsOnce = (code: ErrorCode) =>
  vi.spyOn(engine, 'inspect').mockRejectedValueOnce(new AppError(code, 'once')).mockResolvedValue(inspection);

test('a worker that ended meanwhile is told, and asked again with the next reading', async () => {
  failsOnce('weights-missing');
  await readStore();
  expect(inspections.value.get('m')).toMatchObject({ code: 'weights-missing' });
  await readStore();
  expect(inspections.value.get('m')).toBe(inspection);
});

test('one that another tab has is asked again after a while, and nothing is said', async () => {
  failsOnce('storage-busy');
  await readStore();
  expect(inspections.value.has('m')).toBe(false);
  await vi.advanceTimersByTimeAsync(5000);
  expect(inspections.value.get('m')).toBe(inspection);
});

test('bytes that are wrong are read once', async () => {
  const inspect = failsOnce('file-invalid');
  await readStore();
  await readStore();
  await vi.advanceTimersByTimeAsync(5000);
  expect(inspect).toHaveBeenCalledTimes(1);
  expect(inspections.value.get('m')).toMatchObject({ code: 'file-invalid' });
});
