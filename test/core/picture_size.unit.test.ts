import { encode as encodePng } from 'fast-png';
import { encode as encodeJpeg } from 'jpeg-js';
import { expect, test } from 'vitest';
import { readPicture } from '../../src/app/video/read_picture';
import { pictureSize } from '../../src/core/picture_size';

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));
const [width, height] = [300, 200];
const png = Uint8Array.from(encodePng({ width, height, channels: 1, data: new Uint8Array(width * height) }));
const jpeg = Uint8Array.from(encodeJpeg({ width, height, data: new Uint8Array(4 * width * height) }, 50).data);

/** 300 × 200, by the layouts of RFC 9649 and of the GIF standard. */
const FILES: Readonly<Record<string, Uint8Array>> = {
  png,
  jpeg,
  gif: latin1('GIF89a\x2c\x01\xc8\x00\x80\x00\x00'),
  webp: latin1('RIFF\x40\x00\x00\x00WEBPVP8 \x30\x00\x00\x00\x30\x01\x00\x9d\x01\x2a\x2c\x41\xc8\x80\0\0'),
  // 14 bits of 299, then 14 of 199.
  'webp without loss': latin1('RIFF\x40\x00\x00\x00WEBPVP8L\x30\x00\x00\x00\x2f\x2b\xc1\x31\x00\0\0\0\0\0'),
  'webp with more': latin1('RIFF\x40\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x10\0\0\0\x2b\x01\x00\xc7\x00\x00'),
};

test.for(Object.entries(FILES))('a %s tells its size before its pixels', ([, bytes]) => {
  expect(pictureSize(bytes)).toMatchObject({ width, height });
  for (let length = 0; length < Math.min(bytes.length, 700); length++) {
    const told = pictureSize(bytes.slice(0, length));
    if (told) expect(told).toMatchObject({ width, height });
  }
});

test('other files tell none', () => {
  for (const text of ['', 'BM', 'RIFF', 'RIFF\0\0\0\0WEBPVP8?'.padEnd(40), '\0\0\0\x1cftypavif', '<svg width="9"/>'])
    expect(pictureSize(latin1(text))).toBeNull();
});

// Node decodes no pictures: what asked it to would be told so, and not of the size.
test('the page refuses too large a picture before it asks the browser to decode it', async () => {
  const large = png.slice();
  new DataView(large.buffer).setUint32(16, 16_384);
  new DataView(large.buffer).setUint32(20, 16_384);
  const read = (bytes: Uint8Array<ArrayBuffer>) => readPicture(new File([bytes], 'a.png', { type: 'image/png' }));
  await expect(read(large)).rejects.toMatchObject({
    code: 'file-invalid',
    message: 'a.png has 16384 × 16384 pixels, and at most 48000000 are read. Choose a smaller picture.',
  });
  await expect(read(png)).rejects.toThrow('is no picture this page can read');
  const endless = { name: 'a.png', type: '', size: 2 ** 28 + 1 } as File;
  await expect(readPicture(endless)).rejects.toThrow('has 268435457 bytes, and at most 268435456 are read');
});
