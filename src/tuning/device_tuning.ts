/**
 * The tuning that a device's kernels take: the table that was made here and kept, else one that ships for GPUs of its
 * kind, else none. And the making of it, once.
 */
import { AppError } from '../core/errors';
import type { DeviceTuning, GpuContext } from '../gpu/context';
import { deviceKey, storedName } from './device_key';
import shipped from './shipped.json';
import { choicesOf, newTable, readTable, type TableKey, type TuningTable } from './table';
import { type Tuned, type TuneOptions, tune } from './tuner';

/** Where tables are kept between starts. Neither throws: where nothing can be kept, a device is tuned once a start. */
export interface TableStore {
  /** Undefined where there is none. */
  read(name: string): Promise<unknown>;
  write(name: string, table: TuningTable): Promise<void>;
}

/** Call once a context is open, before programs are recorded. What does not read any more is as if it were not there. */
export async function adoptTuning(
  context: GpuContext,
  store: TableStore,
  tables: () => readonly TuningTable[] = shippedTables,
): Promise<void> {
  const key = await deviceKey(context);
  const kept = readTable(await store.read(storedName(key)));
  if (kept.ok && sameKey(kept.table.key, key)) context.tuning = withTable(kept.table, 'tuned');
  else context.tuning = shippedTuning(key, tables()) ?? context.tuning;
}

/** Times the candidates, and takes and keeps what is found. What a skip left is taken, and not kept. */
export async function tuneDevice(context: GpuContext, store: TableStore, options: TuneOptions = {}): Promise<Tuned> {
  try {
    const tuned = await tune(context, options);
    const { table, skipped } = tuned;
    // Time that was not enough for a single case says more of the moment than of the device.
    if (skipped || table.entries.length === 0) context.tuning = withTable(table, 'tuned', !skipped);
    else await useTable(context, store, table);
    return tuned;
  } catch (failure) {
    if (failure instanceof AppError && failure.code === 'device-lost') await keepEmpty(context, store, failure);
    throw failure;
  }
}

/** Takes a table, and keeps it as this device's. */
export async function useTable(context: GpuContext, store: TableStore, table: TuningTable): Promise<void> {
  context.tuning = withTable(table, 'tuned');
  await store.write(storedName(table.key), table);
}

/** A candidate may have been what the driver fell over. Tried again, it would at every start. */
async function keepEmpty(context: GpuContext, store: TableStore, { message: reason }: AppError): Promise<void> {
  const key = await deviceKey(context);
  await store.write(storedName(key), newTable(key, [], [{ what: 'all', tuning: {}, reason }]));
}

const withTable = (table: TuningTable, source: DeviceTuning['source'], settled = true): DeviceTuning => ({
  source: table.entries.length > 0 ? source : 'default',
  settled,
  choices: (options) => choicesOf(table, options),
});

/** Of the same device exactly, with which nothing needs to be measured; else of one of its kind. */
export function shippedTuning(key: TableKey, tables: readonly TuningTable[]): DeviceTuning | null {
  const exact = tables.find((table) => sameKey(table.key, key));
  if (exact) return withTable(exact, 'shipped');
  const alike = tables.find((table) => sameKind(table.key, key));
  return alike ? withTable(alike, 'shipped', false) : null;
}

function shippedTables(): TuningTable[] {
  return (shipped as unknown[]).flatMap((each) => {
    const read = readTable(each);
    return read.ok ? [read.table] : [];
  });
}

export function sameKey(one: TableKey, other: TableKey): boolean {
  return (Object.keys(one) as (keyof TableKey)[]).every((field) => one[field] === other[field]);
}

/** Names that say nothing are empty: two unknown architectures are not alike. */
export function sameKind(one: TableKey, other: TableKey): boolean {
  if (one.vendor !== other.vendor) return false;
  return (['device', 'architecture'] as const).some((field) => one[field] !== '' && one[field] === other[field]);
}
