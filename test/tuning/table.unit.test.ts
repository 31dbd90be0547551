import { describe, expect, test } from 'vitest';
import type { TunedAttention } from '../../src/kernels/attention';
import type { TiledProduct } from '../../src/kernels/tile';
import { tileCandidates } from '../../src/kernels/tile';
import { tuningCases } from '../../src/tuning/cases';
import { storedName } from '../../src/tuning/device_key';
import { sameKey, sameKind, shippedTuning } from '../../src/tuning/device_tuning';
import { candidatesOf } from '../../src/tuning/record_case';
import { shrunk } from '../../src/tuning/shrink';
import {
  choicesOf,
  distanceOf,
  MOST_TABLE_CHARACTERS,
  newTable,
  readTable,
  readTableText,
  type TuningEntry,
  type TuningTable,
} from '../../src/tuning/table';

const options = { activation: 'f16', workgroupBytes: 49152 } as const;

const product = (rows: number, changes: Partial<TiledProduct> = {}): TiledProduct => ({
  ...{ rows, columns: 3072, depth: 3072, left: 'f16', weight: 'bf16' },
  ...changes,
});
const [standard, second, third] = tileCandidates(options, product(64));

const entry = (size: TiledProduct, tuning: TuningEntry['tuning']): TuningEntry => ({
  ...{ kernel: 'matmul', size: size as Extract<TuningEntry, { kernel: 'matmul' }>['size'], tuning, share: 0.8 },
});

const tableOf = (...entries: TuningEntry[]): TuningTable => ({
  schema: 'wanscope-tuning',
  version: 1,
  key: {
    ...{ adapter: 'Some GPU', vendor: 'some', architecture: 'first', device: '0x1', driver: '1.2', backend: 'vulkan' },
    shaders: 'abc',
  },
  made: '2026-11-26T12:00:00.000Z',
  entries,
  leftOut: [],
});

describe('what a kernel takes', () => {
  const choices = choicesOf(tableOf(entry(product(16), { ...second! }), entry(product(1100), { ...third! })), options);

  test('is what was fastest at the nearest number of rows, by its logarithm', () => {
    for (const [rows, tuning] of [
      [1, second],
      [16, second],
      [130, second], // 16 · 1100 is 133²
      [140, third],
      [27280, third],
    ] as const)
      expect(choices('matmul', product(rows)), `${rows} rows`).toEqual(tuning);
  });

  test('depends on columns where rows are alike, and hardly otherwise', () => {
    const wide = product(1100, { columns: 12288 });
    const table = tableOf(entry(product(1100), { ...second! }), entry(wide, { ...third! }));
    expect(choicesOf(table, options)('matmul', product(1100, { columns: 14336 }))).toEqual(third);
    expect(choicesOf(table, options)('matmul', product(1100, { columns: 1024 }))).toEqual(second);
    expect(choices('matmul', product(64, { columns: 14336 }))).toEqual(second);
  });

  test('is its own default where nothing like it was measured', () => {
    expect(choices('conv', product(16))).toBeUndefined();
    expect(choices('row_norm', { rows: 16 })).toBeUndefined();
    expect(choices('matmul', product(16, { left: 'f32' }))).toBeUndefined();
    expect(choices('matmul', product(16, { weight: 'q4_k' }))).toBeUndefined();
    expect(choices('matmul', product(16, { weight: 'f32' }))).toBeUndefined();
    expect(choices('matmul', product(16, { weight: 'f16' })), 'as wide as bf16').toEqual(second);
  });

  test('is never what the kernel does not offer on this device', () => {
    const foreign = tableOf(entry(product(16), { BM: 48, BN: 48, BK: 16, TM: 3, TN: 3 }));
    expect(choicesOf(foreign, options)('matmul', product(16))).toBeUndefined();
    const large = tableOf(entry(product(16), { BM: 128, BN: 128, BK: 16, TM: 8, TN: 8 }));
    expect(choicesOf(large, options)('matmul', product(16))).toBeDefined();
    expect(choicesOf(large, { ...options, workgroupBytes: 4096 })('matmul', product(16))).toBeUndefined();
  });
});

test('attention is like attention of its type, with a bias or without', () => {
  const size: TunedAttention = {
    ...{ batch: 1, queries: 1100, keys: 1100, heads: 24, head: 128, type: 'f16', biased: false },
  };
  expect(distanceOf(size, size)).toBe(0);
  expect(distanceOf(size, { ...size, biased: true })).toBeNull();
  expect(distanceOf(size, { ...size, type: 'f32' })).toBeNull();
  expect(distanceOf(size, product(1100))).toBeNull();
  expect(distanceOf(size, { ...size, keys: 33 })).toBeCloseTo(Math.log(1100 / 33) / 2);
});

describe('a table from a file', () => {
  const table = tableOf(entry(product(16), { ...second! }));
  const asJson = (value: unknown) => JSON.parse(JSON.stringify(value));

  test('comes back as it went', () => {
    expect(standard).toBeDefined();
    expect(readTable(asJson(table))).toEqual({ ok: true, table });
  });

  test('comes back however much a compiler had to say, and of however many candidates', () => {
    const unsound = { what: 'matmul', tuning: {}, reason: 'error: '.repeat(1000) };
    const made = newTable(
      table.key,
      table.entries,
      Array.from({ length: 501 }, () => unsound),
    );
    expect(readTable(asJson(made))).toEqual({ ok: true, table: made });
    expect(made.leftOut[0]).toEqual({ ...unsound, reason: unsound.reason.slice(0, 500) });
  });

  test.for([
    ['nothing', undefined],
    ['a text', 'tuning'],
    ['another version', { ...table, version: 2 }],
    ['a key without its shaders', { ...table, key: { ...table.key, shaders: undefined } }],
    ['a knob that is no number', { ...table, entries: [{ ...table.entries[0]!, tuning: { BM: '64' } }] }],
    ['a knob that is no whole number', { ...table, entries: [{ ...table.entries[0]!, tuning: { BM: 0.5 } }] }],
    ['a size of another kernel', { ...table, entries: [{ ...table.entries[0]!, kernel: 'attention' }] }],
    ['a share above one', { ...table, entries: [{ ...table.entries[0]!, share: 2 }] }],
    ['too many entries', { ...table, entries: Array.from({ length: 501 }, () => table.entries[0]!) }],
  ] as const)('is refused with a reason: %s', ([, value]) => {
    const read = readTable(value === undefined ? undefined : asJson(value));
    expect(read).toMatchObject({ ok: false, reason: expect.stringMatching(/.{10}/) });
  });

  test('is read from JSON, unless that is broken or longer than any table', () => {
    const text = JSON.stringify(table);
    expect(readTableText(text)).toEqual({ ok: true, table });
    expect(readTableText(text.slice(1))).toMatchObject({ ok: false, reason: expect.stringMatching(/^it is no JSON/) });
    expect(readTableText(text.padEnd(MOST_TABLE_CHARACTERS + 1))).toEqual({
      ok: false,
      reason: `it has ${MOST_TABLE_CHARACTERS + 1} characters, of ${MOST_TABLE_CHARACTERS} at most`,
    });
  });
});

describe('a device', () => {
  const { key } = tableOf();

  test('is the same with the same driver and kernels only', () => {
    expect(sameKey(key, { ...key })).toBe(true);
    for (const field of Object.keys(key) as (keyof typeof key)[])
      expect(sameKey(key, { ...key, [field]: 'other' }), field).toBe(false);
  });

  test('is of a kind with its own architecture or number, and not with what tells nothing', () => {
    const other = { ...key, adapter: 'a', driver: 'd', shaders: 's' };
    expect(sameKind(key, { ...other, architecture: 'second' })).toBe(true);
    expect(sameKind(key, { ...other, device: '0x2' })).toBe(true);
    expect(sameKind(key, { ...other, device: '0x2', architecture: 'second' })).toBe(false);
    expect(sameKind(key, { ...other, vendor: 'another' })).toBe(false);
    expect(sameKind({ ...key, device: '', architecture: '' }, { ...other, device: '', architecture: '' })).toBe(false);
  });

  test('has a shipped table of its own, or of its kind until it is tuned', () => {
    const table = tableOf(entry(product(16), { ...second! }));
    expect(shippedTuning(key, [table])).toMatchObject({ source: 'shipped', settled: true });
    const sibling = shippedTuning({ ...key, driver: '2.0' }, [table]);
    expect(sibling).toMatchObject({ source: 'shipped', settled: false });
    expect(sibling!.choices(options)!('matmul', product(16))).toEqual(second);
    expect(shippedTuning({ ...key, vendor: 'another' }, [table])).toBeNull();
  });

  test('has a name that every disk takes', () => {
    expect(storedName(key)).toBe('some-first-0x1-some-gpu-1-2-vulkan');
    expect(storedName({ ...key, adapter: '../../NVIDIA (R) №7'.repeat(40) })).toMatch(/^[a-z0-9-]{20,150}$/);
    expect(storedName({ ...key, shaders: 'other' }), 'tables of older kernels are overwritten').toBe(storedName(key));
  });
});

describe('the listed cases', () => {
  const all = ([false, true] as const).flatMap((software) =>
    (['f32', 'f16'] as const).flatMap((left) => tuningCases(left, software).map((one) => ({ one, left, software }))),
  );

  test('each have something to choose from on a GPU', () => {
    for (const { one } of all.filter(({ software }) => !software))
      expect(candidatesOf(options, one.kernel, one.size).length, JSON.stringify(one)).toBeGreaterThan(1);
  });

  test('become small enough, and stay what the kernels take', () => {
    for (const mostFlops of [1e7, 1e9, 1e12])
      for (const { one } of all) {
        const { size } = shrunk(one, mostFlops);
        const flops =
          'queries' in size
            ? 4 * size.heads * size.queries * size.keys * size.head
            : 2 * size.rows * size.columns * size.depth;
        expect(flops, JSON.stringify(one)).toBeLessThanOrEqual(mostFlops * 2);
        if ('rows' in size) expect([size.columns % 4, size.depth % 32]).toEqual([0, 0]);
        else if (size.biased) expect(size.keys).toBe(size.queries);
      }
  });
});
