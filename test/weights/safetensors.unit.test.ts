import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { parseSafetensorsHeader, safetensorsHeaderBytes } from '../../src/weights/safetensors';

/** A file with this header text and so many zero bytes of data. */
function file(header: string | Uint8Array, dataBytes: number): Uint8Array {
  const json = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}
const parse = (header: unknown, dataBytes: number) => {
  const bytes = file(typeof header === 'string' ? header : JSON.stringify(header), dataBytes);
  return parseSafetensorsHeader(bytes, bytes.length);
};
const f32 = (shape: unknown, begin: unknown, end: unknown) => ({ dtype: 'F32', shape, data_offsets: [begin, end] });

test('places tensors from the start of the file, in the order of the data', () => {
  const header = {
    b: f32([2, 3], 4, 28),
    __metadata__: { format: 'pt' },
    a: f32([], 0, 4),
    empty: f32([0, 9], 28, 28),
  };
  const { tensors, metadata, dataOffset } = parse(header, 28);
  expect([...tensors]).toEqual([
    ['a', { dtype: 'F32', shape: [], beginByte: dataOffset, endByte: dataOffset + 4 }],
    ['b', { dtype: 'F32', shape: [2, 3], beginByte: dataOffset + 4, endByte: dataOffset + 28 }],
    ['empty', { dtype: 'F32', shape: [0, 9], beginByte: dataOffset + 28, endByte: dataOffset + 28 }],
  ]);
  expect(metadata).toEqual({ format: 'pt' });
});

test('needs the header only, wherever it lies in a larger buffer', () => {
  const whole = file(JSON.stringify({ w: f32([4], 0, 16) }), 16);
  const shifted = new Uint8Array(3 + whole.length);
  shifted.set(whole, 3);
  const end = safetensorsHeaderBytes(shifted.subarray(3, 11), whole.length);
  expect(parseSafetensorsHeader(shifted.subarray(3, 3 + end), whole.length).tensors.get('w')?.endByte).toBe(end + 16);
});

test('places a tensor of a file larger than 4 GiB', () => {
  const size = 5 * 2 ** 30;
  const bytes = file(JSON.stringify({ w: { dtype: 'F8_E4M3', shape: [5, 2 ** 30], data_offsets: [0, size] } }), 0);
  expect(parseSafetensorsHeader(bytes, bytes.length + size).tensors.get('w')?.endByte).toBe(bytes.length + size);
});

test('takes padding spaces, escaped names and names an object would inherit', () => {
  const header = `{"__proto__":${JSON.stringify(f32([1], 0, 4))},"a\\"{:":${JSON.stringify(f32([1], 4, 8))}}   `;
  expect([...parse(header, 8).tensors.keys()]).toEqual(['__proto__', 'a"{:']);
});

test('reads a metadata string of 5 MB', () => {
  expect(parse({ __metadata__: { long: 'x\\'.repeat(2_500_000) } }, 0).metadata.long).toHaveLength(5_000_000);
});

test('reads a metadata string of 3.5 million escapes', () => {
  expect(parse({ __metadata__: { long: '"'.repeat(3_500_000) } }, 0).metadata.long).toHaveLength(3_500_000);
});

test('reads every golden file of this repository', () => {
  const folder = new URL('../golden/', import.meta.url);
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.safetensors'))) {
    const bytes = readFileSync(new URL(name, folder));
    expect(parseSafetensorsHeader(bytes, bytes.length).metadata.format, name).toBe('golden-v1');
  }
});

describe('refuses', () => {
  const good = f32([2], 0, 8);
  test.for<[what: string, header: unknown, dataBytes: number, message: string]>([
    ['a header that is not JSON', '{"a":', 0, 'not JSON'],
    ['a header that is a list', '[]', 0, 'not a JSON object'],
    ['a byte order mark', '\uFEFF{}', 0, 'not JSON'],
    ['a tensor named twice', `{"a":${JSON.stringify(good)},"\\u0061":${JSON.stringify(good)}}`, 8, '"a" twice'],
    ['a field given twice', '{"a":{"dtype":"F32","dtype":"F16","shape":[4],"data_offsets":[0,8]}}', 8, '"dtype" twice'],
    ['an unknown type', { a: { ...good, dtype: 'F4' } }, 8, 'has type "F4", known are BOOL'],
    ['a type an object would inherit', { a: { ...good, dtype: 'toString' } }, 8, 'has type "toString"'],
    ['a tensor without description', { a: null }, 0, 'has no description'],
    ['a negative dimension', { a: f32([-2], 0, 8) }, 8, 'shape [-2]'],
    ['a fractional dimension', { a: f32([0.5], 0, 2) }, 2, 'shape [0.5]'],
    ['a shape that is text', { a: f32('2', 0, 8) }, 8, 'shape "2"'],
    ['too many dimensions', { a: f32([1, 1, 1, 1, 1, 1, 1, 1, 1], 0, 4) }, 4, '9 dimensions, at most 8'],
    ['a product beyond 2⁵³', { a: f32([2 ** 40, 2 ** 40], 0, 8) }, 8, 'spans 8 bytes'],
    ['one offset', { a: { ...good, data_offsets: [8] } }, 8, 'not a begin and an end'],
    ['an offset beyond 2⁵³', { a: f32([2], 2 ** 60, 2 ** 60 + 8) }, 8, 'not a begin and an end'],
    ['an end before the begin', { a: f32([2], 8, 0) }, 8, 'spans -8 bytes, F32 [2] takes 8'],
    ['fewer bytes than the shape needs', { a: f32([3], 0, 8) }, 8, 'spans 8 bytes, F32 [3] takes 12'],
    ['overlapping tensors', { a: good, b: f32([2], 4, 12) }, 12, '"b" overlaps'],
    ['two tensors in one place', { a: good, b: good }, 8, '"b" overlaps'],
    ['a hole', { a: good, b: f32([1], 12, 16) }, 16, '"b" leaves a hole'],
    ['a tensor beyond the end of the file', { a: good }, 4, 'its tensors end at byte'],
    ['bytes after the last tensor', { a: good }, 9, 'its tensors end at byte'],
    [
      'more than eight levels',
      `{"a":${'[{"a":'.repeat(4)}1${'}]'.repeat(4)}}`,
      0,
      'nested to 9 levels, at most 8 are read',
    ],
    [
      'a hundred thousand lists',
      `{"[{:\\"":[${'[],'.repeat(99_998)}[]]}`,
      0,
      'header has 100002 lists, objects and names',
    ],
    ['metadata that is a list', { __metadata__: [] }, 0, '__metadata__ is not an object'],
    ['metadata that is not text', { __metadata__: { steps: 8 } }, 0, '"steps" is a number'],
  ])('%s', ([, header, dataBytes, message]) => {
    expect(() => parse(header, dataBytes)).toThrow(
      expect.objectContaining({ code: 'file-invalid', message: expect.stringContaining(message) }),
    );
  });

  test('more tensors than any network has, or as much metadata', () => {
    const empty = f32([0], 0, 0);
    const header = Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`t${i}`, empty]));
    expect(() => parse(header, 0)).toThrow('it has 10001 tensors, at most 10000 are read');
    const metadata = Object.fromEntries(Array.from({ length: 10_002 }, (_, i) => [`t${i}`, '']));
    expect(() => parse({ __metadata__: metadata }, 0)).toThrow('more than 10000 names in one object');
  });

  const LONG = 'x'.repeat(1e5);
  test.for<[what: string, header: unknown, message: RegExp]>([
    ['name', { [LONG]: null }, /"xxx.*…" has no description/],
    ['name that is given twice', `{"${LONG}":0,"${LONG}":0}`, /"xxx.*…" twice/],
    ['name after a hole', { [LONG]: f32([1], 4, 8) }, /"xxx.*…" leaves a hole/],
    ['name in the metadata', { a: good, __metadata__: { [LONG]: 1 } }, /"xxx.*…" is a number/],
    ['type', { a: { ...good, dtype: LONG } }, /type "xxx.*…, known/],
    ['shape', { a: f32(Array(1e5).fill(-1), 0, 8) }, /shape a list of 100000,/],
    ['shape that is text', { a: f32(LONG, 0, 8) }, /shape "xxx.*…, not/],
    ['list of offsets', { a: { ...good, data_offsets: Array(1e5).fill(0) } }, /offsets a list of 100000,/],
    ['list of lists within lists', `{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`, /nested to 100001 levels, at most 8/],
  ])('a long %s, in few words', ([, header, message]) => {
    const failure = (() => {
      try {
        return parse(header, 8);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(failure).toMatchObject({ code: 'file-invalid', message: expect.stringMatching(message) });
    expect((failure as AppError).message.length).toBeLessThan(600);
  });

  test('bytes that are not UTF-8', () => {
    const bytes = file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d), 0);
    expect(() => parseSafetensorsHeader(bytes, bytes.length)).toThrow('not JSON');
  });

  test('a file shorter than its own length field', () => {
    expect(() => parseSafetensorsHeader(new Uint8Array(7), 7)).toThrow('it has 7 bytes');
  });

  test('a header longer than the file, or than is allowed, before reading it', () => {
    const prefix = new Uint8Array(8);
    const claim = (length: bigint) => new DataView(prefix.buffer).setBigUint64(0, length, true);
    claim(1000n);
    expect(() => safetensorsHeaderBytes(prefix, 1007)).toThrow('its header ends at byte 1008, the file at byte 1007');
    claim(2n ** 63n);
    expect(() => safetensorsHeaderBytes(prefix, 2 ** 50)).toThrow(
      '9223372036854775808 bytes, at most 8000000 are read',
    );
  });

  test('a header that was not read to its end', () => {
    const bytes = file('{}', 0);
    expect(() => parseSafetensorsHeader(bytes.subarray(0, 9), bytes.length)).toThrow(AppError);
  });
});
