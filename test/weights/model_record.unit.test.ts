import { expect, test } from 'vitest';
import {
  checkable,
  decodeRecord,
  encodeRecord,
  MOST_RECORD_CHARACTERS,
  mergeRecords,
  recordOf,
} from '../../src/weights/model_record';
import { MOST_SECONDS, processorSeconds } from '../fuzz/judge';

const dit = { name: 'dit.gguf', address: 'https://hub/dit.gguf', bytes: 5000, sha256: 'ab' };
const text = { name: 'text/model.safetensors', address: 'https://hub/text', bytes: 9000 };

test('a model added again has the same id; of other files, or by another name, it has another', () => {
  const { id } = recordOf({ name: 'Wan 2.2 · Q8', files: [dit, text] });
  expect(id).toMatch(/^wan-2-2-q8-[0-9a-f]{8}$/);
  expect(recordOf({ name: 'Wan 2.2 · Q8', files: [dit, text] }).id).toBe(id);
  expect(recordOf({ name: 'Wan 2.2 · Q8', files: [dit] }).id).not.toBe(id);
  expect(recordOf({ name: '万', files: [dit, text] }).id).toMatch(/^model-[0-9a-f]{8}$/);
});

test('two files of one name, and no files, are refused', () => {
  for (const files of [[dit, dit], []])
    expect(() => recordOf({ name: 'x', files })).toThrowError(expect.objectContaining({ code: 'input-invalid' }));
});

test('a sum is checked only of whole files whose origin tells it', () => {
  const { files } = recordOf({
    name: 'x',
    files: [dit, text, { ...dit, name: 'part', unwanted: [{ beginByte: 100, endByte: 200 }] }],
  });
  expect(files.map(checkable)).toEqual(['yes', 'no-sum', 'partial']);
  expect(files[2]!.wanted).toEqual([
    { beginByte: 0, endByte: 100 },
    { beginByte: 200, endByte: 5000 },
  ]);
});

test('a file that stayed the same keeps what was found out of it; one that changed does not', () => {
  const before = recordOf({ name: 'x', files: [dit, text] });
  const checked = { ...before, files: before.files.map((file) => ({ ...file, checked: 'right' as const })) };
  const after = (files: Parameters<typeof recordOf>[0]['files']) =>
    mergeRecords(checked, recordOf({ name: 'x', files })).files.map((file) => file.checked);
  expect(after([dit, text])).toEqual(['right', 'right']);
  expect(
    after([
      { ...dit, sha256: 'cd' },
      { ...text, bytes: 9001 },
    ]),
  ).toEqual(['not-yet', 'not-yet']);
  expect(after([{ ...dit, unwanted: [{ beginByte: 0, endByte: 5 }] }, text])).toEqual(['not-yet', 'right']);
  expect(mergeRecords(null, before)).toEqual(before);
});

test('of 10,000 files is found out soon', () => {
  const files = Array.from({ length: 10_000 }, (_, i) => ({
    ...text,
    name: `${'folder/'.repeat(20)}${i}.safetensors`,
  }));
  const record = recordOf({ name: 'x', files });
  const before = processorSeconds();
  expect(mergeRecords(record, recordOf({ name: 'x', files }))).toEqual(record);
  expect(processorSeconds() - before).toBeLessThan(MOST_SECONDS);
});

test('the version that stored bytes are of is kept as long as the bytes are', () => {
  const version = { origin: 'https://cdn', header: 'ETag', tag: '"v1"' } as const;
  const before = recordOf({ name: 'x', files: [text] });
  const known = { ...before, files: before.files.map((file) => ({ ...file, version })) };
  expect(decodeRecord(encodeRecord(known), known.id)).toEqual(known);
  const after = (file: typeof text & { unwanted?: { beginByte: number; endByte: number }[] }) =>
    mergeRecords(known, recordOf({ name: 'x', files: [file] })).files[0]!.version;
  expect(after({ ...text, unwanted: [{ beginByte: 0, endByte: 5 }] })).toEqual(version);
  expect(after({ ...text, bytes: 9001 })).toBe(undefined);
});

test('a record is read back as it was; a torn one, or that of another model or version, is none', () => {
  const record = recordOf({ name: 'x', files: [dit, text] });
  const encoded = encodeRecord(record);
  expect(decodeRecord(encoded, record.id)).toEqual(record);
  expect(decodeRecord(encoded.slice(0, -2), record.id)).toBe(null);
  expect(decodeRecord(encoded, 'another')).toBe(null);
  expect(decodeRecord(encoded.replace('"version":1', '"version":2'), record.id)).toBe(null);
  expect(decodeRecord(encoded.replace('5000', '-5'), record.id)).toBe(null);
  expect(decodeRecord(encoded.replaceAll('5000', `${2 ** 42 + 1}`), record.id)).toBe(null);
});

test('a record that is longer than any is none, and none is written', () => {
  const record = recordOf({ name: 'x', files: [dit, text] });
  expect(decodeRecord(encodeRecord(record).padEnd(MOST_RECORD_CHARACTERS + 1), record.id)).toBe(null);
  const names = Array.from({ length: 20_000 }, (_, i) => ({ ...text, name: `${i}.safetensors` }));
  expect(() => encodeRecord(recordOf({ name: 'x', files: names }))).toThrow(
    /x’s 20000 files has \d{7} characters, of 2097152/,
  );
});
