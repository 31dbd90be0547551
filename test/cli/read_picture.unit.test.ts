import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode as encodePng, type ImageData } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPicture } from '../../src/cli/read_picture';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-picture-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(name: string, bytes: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

const readPng = async (png: ImageData, options?: Parameters<typeof encodePng>[1]) =>
  readPicture(await file('a.png', encodePng(png, options)));

/** Colours of 3 × 2 pixels, opaque. */
const opaque = (...colours: [number, number, number][]) => colours.flatMap((colour) => [...colour, 255]);
const grey = (...levels: number[]) => opaque(...levels.map((x) => [x, x, x] as [number, number, number]));

describe('a PNG', () => {
  const size = { width: 3, height: 2 };

  test('of colours is read as it is, and loses its alpha', async () => {
    const data = Uint8Array.from({ length: 24 }, (_, i) => i * 10);
    const expected = data.map((value, i) => (i % 4 === 3 ? 255 : value));
    expect(await readPng({ ...size, data, channels: 4 })).toEqual({
      ...size,
      pixels: Uint8ClampedArray.from(expected),
    });
    const colours = data.filter((_, i) => i % 4 !== 3);
    for (const interlace of ['null', 'Adam7'] as const)
      expect([...(await readPng({ ...size, data: colours, channels: 3 }, { interlace })).pixels]).toEqual([
        ...expected,
      ]);
  });

  test.for([
    [1, [0b10100000, 0b01000000], [255, 0, 255, 0, 255, 0]],
    [2, [0b00011000, 0b11100100], [0, 85, 170, 255, 170, 85]],
    [4, [0x0f, 0x70, 0x12, 0xf0], [0, 255, 119, 17, 34, 255]],
    [8, [1, 2, 3, 253, 254, 255], [1, 2, 3, 253, 254, 255]],
    [16, [0x0102, 0xff00, 0x80ff, 0, 0xffff, 0x7f00], [1, 255, 128, 0, 255, 127]],
  ] as const)('of grey in %d bits is spread over 0 … 255', async ([depth, data, levels]) => {
    const samples = depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data);
    expect([...(await readPng({ ...size, data: samples, channels: 1, depth })).pixels]).toEqual(grey(...levels));
  });

  test('of grey with alpha is grey', async () => {
    const data = Uint8Array.of(1, 0, 2, 9, 3, 255, 4, 0, 5, 0, 6, 0);
    expect([...(await readPng({ ...size, data, channels: 2 })).pixels]).toEqual(grey(1, 2, 3, 4, 5, 6));
  });

  test.for([
    [8, [0, 1, 2, 2, 1, 0]],
    [4, [0x01, 0x20, 0x21, 0x00]],
    [2, [0b00011000, 0b10010000]],
  ] as const)('of a palette in %d bits takes its colours', async ([depth, data]) => {
    const palette: [number, number, number][] = [
      [255, 0, 0],
      [0, 128, 0],
      [7, 8, 9],
    ];
    const [a, b, c] = palette as [(typeof palette)[0], (typeof palette)[0], (typeof palette)[0]];
    const { pixels } = await readPng({ ...size, data: Uint8Array.from(data), channels: 1, depth, palette });
    expect([...pixels]).toEqual(opaque(a, b, c, c, b, a));
    await expect(
      readPng({ ...size, data: Uint8Array.from(data), channels: 1, depth, palette: [a, b] }),
    ).rejects.toThrow('uses colour 2 of a palette of 2');
  });

  test('interlaced in fewer than 8 bits is refused', async () => {
    const png = encodePng({ ...size, data: Uint8Array.of(0, 0), channels: 1, depth: 1 }, { interlace: 'Adam7' });
    await expect(readPicture(await file('a.png', png))).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('interlaced with 1 bits'),
    });
  });

  test('of more pixels than its bytes can hold is refused before memory is taken for them', async () => {
    const png = encodePng({ ...size, data: new Uint8Array(18), channels: 3 });
    new DataView(png.buffer, png.byteOffset).setUint32(16, 8192);
    new DataView(png.buffer, png.byteOffset).setUint32(20, 8192);
    await expect(readPicture(await file('a.png', png))).rejects.toThrow(
      `its ${png.length} bytes cannot hold 8192 × 8192`,
    );
    const plain = encodePng({ width: 2048, height: 2048, data: new Uint8Array(2048 * 2048 * 3).fill(7), channels: 3 });
    expect((await readPicture(await file('a.png', plain))).pixels.slice(0, 4)).toEqual(
      Uint8ClampedArray.of(7, 7, 7, 255),
    );
  });

  test('with a second header, or another before it, is refused: its size is no other than the first tells', async () => {
    const png = encodePng({ ...size, data: new Uint8Array(18), channels: 3 });
    const [before, header, rest] = [png.subarray(0, 8), png.subarray(8, 33), png.subarray(33)];
    const text = Uint8Array.of(0, 0, 0, 0, ...Buffer.from('tEXt'), 0, 0, 0, 0);
    const short = Uint8Array.of(0, 0, 0, 12, ...header.subarray(4, 20), 0, 0, 0, 0);
    for (const parts of [
      [before, header, header, rest],
      [before, text, header, rest],
      [before, short, rest],
    ])
      await expect(readPicture(await file('a.png', Buffer.concat(parts)))).rejects.toMatchObject({
        code: 'file-invalid',
        message: expect.stringMatching(/its header (is not its first chunk alone|has 12 bytes)/),
      });
  });

  test('of more chunks than any encoder makes of so many bytes, or of a palette of more colours than a byte tells apart, is refused', async () => {
    const png = encodePng({ ...size, data: new Uint8Array(6), channels: 1, palette: [[1, 2, 3]] });
    const empty = Buffer.from('000000004944415435af061e', 'hex'); // IDAT, and its sum
    const withEmpty = (count: number) =>
      Buffer.concat([png.subarray(0, -12), Buffer.alloc(count * empty.length, empty), png.subarray(-12)]);
    // Beside the header, the palette, the pixels and the end.
    expect(await readPicture(await file('a.png', withEmpty(32_764)))).toMatchObject(size);
    await expect(readPicture(await file('a.png', withEmpty(32_765)))).rejects.toThrow(
      'it has 32769 chunks, at most 32768 are read',
    );
    const at = png.findIndex((_, i) => String.fromCharCode(...png.subarray(i, i + 4)) === 'PLTE') - 4;
    const palette = Buffer.concat([Uint8Array.of(0, 0, 3, 3), Buffer.from('PLTE'), new Uint8Array(3 * 257 + 4)]);
    await expect(
      readPicture(await file('a.png', Buffer.concat([png.subarray(0, at), palette, png.subarray(at + 15)]))),
    ).rejects.toThrow('its palette has 771 bytes, at most 768 are read');
  });

  test('that is cut or changed anywhere is refused, never read as something else', async () => {
    const data = Uint8Array.from({ length: 18 }, (_, i) => i * 13);
    const whole = encodePng({ ...size, data, channels: 3 });
    const { pixels } = await readPicture(await file('a.png', whole));
    for (let length = 8; length < whole.length; length++) {
      await expect(readPicture(await file('a.png', whole.slice(0, length)))).rejects.toMatchObject({
        code: 'file-invalid',
        message: expect.stringMatching(/a\.png is broken: /),
      });
    }
    for (let at = 8; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at]! ^= 0x10;
      const read = await readPicture(await file('a.png', changed)).catch((failure) => failure);
      if (read instanceof Error) expect(read).toMatchObject({ name: 'AppError' });
      else expect(read.pixels).toEqual(pixels);
    }
  });
});

/** 16 × 24, its corners red, green, blue and grey, clockwise from the first. */
function corners(): Uint8Array {
  const [width, height] = [16, 24];
  const colours = [
    [220, 20, 20],
    [20, 200, 20],
    [120, 120, 120],
    [20, 20, 220],
  ];
  const data = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % width, Math.floor((i >> 2) / width)];
    return colours[(x < 8 ? 0 : 1) + (y < 8 ? 0 : 2)]?.[i % 4] ?? 255;
  });
  return encodeJpeg({ width, height, data }, 95).data;
}

/** An APP1 segment with a description and an orientation, after the start of the file. */
function withExif(jpeg: Uint8Array, orientation: number, little: boolean): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(8 + 2 + 24 + 4));
  const put16 = (at: number, value: number) => tiff.setUint16(at, value, little);
  const put32 = (at: number, value: number) => tiff.setUint32(at, value, little);
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
  put16(2, 42);
  put32(4, 8);
  put16(8, 2);
  for (const [at, tag, type, value] of [
    [10, 0x010e, 2, 0],
    [22, 0x0112, 3, orientation],
  ] as const) {
    put16(at, tag);
    put16(at + 2, type);
    put32(at + 4, 1);
    put16(at + 8, value);
  }
  const payload = [...new TextEncoder().encode('Exif\0\0'), ...new Uint8Array(tiff.buffer)];
  const length = payload.length + 2;
  return Uint8Array.from([0xff, 0xd8, 0xff, 0xe1, length >> 8, length & 255, ...payload, ...jpeg.subarray(2)]);
}

// The EXIF standard: on which sides the first row and the first column of what is stored are to be seen.
const SIDES = [
  ['top', 'left'],
  ['top', 'right'],
  ['bottom', 'right'],
  ['bottom', 'left'],
  ['left', 'top'],
  ['right', 'top'],
  ['right', 'bottom'],
  ['left', 'bottom'],
];
const OPPOSITE: Record<string, string> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' };

describe('a JPEG', () => {
  test('is read within what its compression leaves', async () => {
    const { width, height, pixels } = await readPicture(await file('a.jpg', corners()));
    expect([width, height]).toEqual([16, 24]);
    const at = (x: number, y: number) => [...pixels.subarray((y * 16 + x) * 4, (y * 16 + x) * 4 + 4)];
    const near = (colour: number[]) => colour.map((value) => expect.closeTo(value, -1));
    expect(at(1, 1)).toEqual(near([220, 20, 20, 255]));
    expect(at(14, 22)).toEqual(near([20, 20, 220, 255]));
  });

  test.for(SIDES.flatMap((sides, i) => [true, false].map((little) => ({ sides, little, orientation: i + 1 }))))(
    'of orientation $orientation has its first row and column at $sides',
    async ({ sides: [row, column], little, orientation }) => {
      const { width, height, pixels } = await readPicture(
        await file('a.jpg', withExif(corners(), orientation, little)),
      );
      expect([width, height]).toEqual(row === 'top' || row === 'bottom' ? [16, 24] : [24, 16]);
      const corner = (...sides: string[]) => {
        const at = ((sides.includes('top') ? 1 : height - 2) * width + (sides.includes('left') ? 1 : width - 2)) * 4;
        const [red, green, blue] = pixels.subarray(at, at + 3) as unknown as [number, number, number];
        if (Math.max(red, green, blue) < 160) return 'grey';
        return red > 160 ? 'red' : green > 160 ? 'green' : 'blue';
      };
      expect([
        corner(row!, column!),
        corner(row!, OPPOSITE[column!]!),
        corner(OPPOSITE[row!]!, OPPOSITE[column!]!),
        corner(OPPOSITE[row!]!, column!),
      ]).toEqual(['red', 'green', 'blue', 'grey']);
    },
  );

  test.for([0, 9, 65535])('of orientation %d, which is none, is left as it lies', async (orientation) => {
    expect(await readPicture(await file('a.jpg', withExif(corners(), orientation, true)))).toEqual(
      await readPicture(await file('b.jpg', corners())),
    );
  });

  test('is of red, green and blue where it says so, and of luma and differences where it is a JFIF', async () => {
    const plain = corners();
    const app14 = (transform: number) => [0xff, 0xee, 0, 14, ...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, transform];
    const jfif = plain.subarray(2, 4 + 16);
    expect([jfif[1], Buffer.from(jfif.subarray(4, 8)).toString()]).toEqual([0xe0, 'JFIF']);
    const rest = plain.subarray(4 + 16);
    const named = Buffer.from(rest);
    const frame = named.findIndex((byte, i) => byte === 0xff && named[i + 1] === 0xc0);
    const scan = named.findIndex((byte, i) => byte === 0xff && named[i + 1] === 0xda);
    for (const [i, letter] of [...'RGB'].entries()) {
      named[frame + 10 + 3 * i] = letter.charCodeAt(0);
      named[scan + 5 + 2 * i] = letter.charCodeAt(0);
    }
    const colourOf = async (...parts: ArrayLike<number>[]) => {
      const bytes = Uint8Array.from([0xff, 0xd8, ...parts.flatMap((part) => Array.from(part))]);
      return [...(await readPicture(await file('a.jpg', bytes))).pixels.subarray(0, 3)];
    };
    const red = await colourOf(jfif, rest);
    // Its first corner is (220, 20, 20): a luma of 80, and differences of −34 and 100 from the middle.
    const stored = [80, 94, 228].map((value) => expect.closeTo(value, -1));
    expect(red).toEqual([220, 20, 20].map((value) => expect.closeTo(value, -1)));
    expect(await colourOf(app14(0), rest)).toEqual(stored);
    expect(await colourOf(named)).toEqual(stored);
    for (const parts of [[rest], [app14(1), rest], [app14(1), named], [jfif, app14(0), rest]])
      expect(await colourOf(...parts)).toEqual(red);
  });

  test('of too many parts, or of more than one size, is refused before they are decoded', async () => {
    const plain = Uint8Array.from(corners());
    const repeated = (count: number, ...part: number[]) => Buffer.alloc(count * part.length, Uint8Array.from(part));
    const [before, after, end] = [plain.subarray(0, 2), plain.subarray(2, -2), plain.subarray(-2)];
    const at = after.findIndex((byte, i) => byte === 0xff && after[i + 1] === 0xc0);
    const frame = after.slice(at, at + 2 + 17);
    const inked = after.slice();
    inked[at + 9] = 5;
    const large = after.slice();
    new DataView(large.buffer).setUint32(at + 5, 0x1770_1f40); // 6000 rows of 8000
    const comment = [0xff, 0xfe, 0, 2];
    const scan = [0xff, 0xda, 0, 2];
    for (const [parts, code, message] of [
      [[repeated(10_001, ...comment), after], 'file-invalid', 'does not tell its size in its first 10000 segments'],
      [[after, repeated(10_000, ...comment)], 'file-invalid', 'it has 10005 segments, at most 10000 are read'],
      [[after, repeated(32, ...scan)], 'file-invalid', 'it has 33 scans, at most 32 are read'],
      [[after, frame], 'file-invalid', 'it has 2 sizes, not one'],
      [[inked], 'file-invalid', 'it has 5 components a pixel, at most 4 are read'],
      [
        [large, repeated(12, ...scan), repeated(2, 0xff, 0xfe, 0xff, 0xff, ...new Uint8Array(0xfffd))],
        'input-invalid',
        'has 13 scans of 48000000 pixels; at most 600000000 pixels in all scans are read. Make it smaller.',
      ],
    ] as const)
      await expect(readPicture(await file('a.jpg', Buffer.concat([before, ...parts, end])))).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
  });

  test('is read as it is whatever a phone appends to it', async () => {
    const film = Buffer.alloc(1000, Uint8Array.of(0xff, 0xda, 0xff, 0xc0));
    expect(await readPicture(await file('a.jpg', Buffer.concat([corners(), film])))).toEqual(
      await readPicture(await file('b.jpg', corners())),
    );
  });

  test('that is cut is refused', async () => {
    const whole = withExif(corners(), 6, true);
    for (const length of [3, 5, 20, 40, 100, whole.length - 200, whole.length - 20]) {
      await expect(readPicture(await file('a.jpg', whole.slice(0, length))), String(length)).rejects.toMatchObject({
        code: 'file-invalid',
        message: expect.stringMatching(/a\.jpg is broken: /),
      });
    }
  });
});

describe('refused with what to do:', () => {
  test.for([
    ['RIFF\x10\0\0\0WEBPVP8 ', 'is neither PNG nor JPEG but WebP. Convert it'],
    ['\0\0\0\x1cftypavif', 'but AVIF'],
    ['GIF89a', 'but GIF'],
    ['hello', 'is neither PNG nor JPEG. Convert it'],
    ['', 'is neither PNG nor JPEG.'],
  ] as const)('%j', async ([bytes, message]) => {
    await expect(readPicture(await file('a', Buffer.from(bytes, 'latin1')))).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining(message),
    });
  });

  test('what is not there, and a folder', async () => {
    await expect(readPicture(join(folder, 'none.png'))).rejects.toThrow(/none\.png cannot be opened \(ENOENT\)/);
    await expect(readPicture(folder)).rejects.toThrow(/cannot be opened \(EISDIR\)/);
  });

  test('too many pixels, told before they are decoded', async () => {
    const png = encodePng({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0), channels: 3 });
    new DataView(png.buffer, png.byteOffset).setUint32(16, 70_000);
    new DataView(png.buffer, png.byteOffset).setUint32(20, 1000);
    const jpeg = corners();
    const frame = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
    new DataView(jpeg.buffer, jpeg.byteOffset).setUint32(frame + 5, 0x88b8_88b8);
    for (const [name, bytes, size] of [
      ['a.png', png, '70000 × 1000'],
      ['a.jpg', jpeg, '35000 × 35000'],
    ] as const) {
      await expect(readPicture(await file(name, bytes))).rejects.toMatchObject({
        code: 'input-invalid',
        message: expect.stringContaining(`has ${size} pixels; at most 67108864 pixels are read`),
      });
    }
  });

  test('too many bits of them, told before they are unpacked', async () => {
    const png = encodePng({ width: 1, height: 1, data: Uint16Array.of(0, 0, 0, 0), channels: 4, depth: 16 });
    const ofSide = async (side: number) => {
      new DataView(png.buffer, png.byteOffset).setUint32(16, side);
      new DataView(png.buffer, png.byteOffset).setUint32(20, side);
      return readPicture(await file('a.png', png));
    };
    await expect(ofSide(5793)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining(
        'has 5793 × 5793 pixels of 4 × 16 bits, 268470792 bytes; at most 268435456 bytes are unpacked. Save it with 8 bits a channel',
      ),
    });
    await expect(ofSide(5792)).rejects.toThrow('bytes cannot hold 5792 × 5792 pixels');
  });

  test('too many bytes', async () => {
    const path = await file('large.png', Uint8Array.of());
    await truncate(path, 2 ** 28 + 1);
    await expect(readPicture(path)).rejects.toThrow('has 268435457 bytes; at most 268435456 bytes are read');
  });
});
