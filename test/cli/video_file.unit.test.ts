import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decode } from 'fast-png';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { freePath, openVideoFile, type Video, type VideoFile } from '../../src/cli/video_file';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-video-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);

const VIDEO: Video = {
  width: 32,
  height: 16,
  framesPerSecond: 8,
  frames: 3,
  comment: "--prompt '雨 in the street' --size 32x16",
};

/** Colours in all combinations, another frame for each number. */
function frame(number: number, { width, height } = VIDEO): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => {
    const pixel = (i >> 2) * 37 + number * 101;
    return [pixel * 3, pixel * 7, pixel * 11, 255][i % 4]! & 255;
  });
}

async function writeAll(file: VideoFile, video = VIDEO): Promise<void> {
  for (let i = 0; i < video.frames; i++) await file.write(frame(i, video));
  await file.close();
}

const colours = (pixels: Uint8ClampedArray) => [...pixels].filter((_, i) => i % 4 !== 3);

test('a name that nobody gave is one that is free, for what is written with ffmpeg and without', async () => {
  const free = () => freePath(at('wanscope'));
  expect(await free()).toBe(at('wanscope.mp4'));
  await writeFile(at('wanscope.mp4'), '');
  expect(await free()).toBe(at('wanscope-2.mp4'));
  await writeFile(at('wanscope-2.y4m'), '');
  await writeFile(at('wanscope-3.mp4.unfinished'), ''); // goes on as itself
  expect(await free()).toBe(at('wanscope-3.mp4'));
});

describe('Y4M', () => {
  test.for([
    [{ width: 32, height: 16 }, 8, '8:1', [0.299, 0.114]],
    [{ width: 2, height: 578 }, 24, '24:1', [0.2126, 0.0722]],
    [{ width: 1280, height: 2 }, 23.976, '23976:1000', [0.2126, 0.0722]],
  ] as const)('of %j at %d frames a second reads back as it was written', async ([size, rate, fraction, matrix]) => {
    const video = { ...VIDEO, ...size, framesPerSecond: rate };
    const { width, height } = size;
    const file = await openVideoFile(at('a.y4m'), video);
    expect(file).toMatchObject({ path: at('a.y4m'), format: 'y4m', remark: null });
    await writeAll(file, video);

    const bytes = await readFile(at('a.y4m'));
    const header = `YUV4MPEG2 W${width} H${height} F${fraction} Ip A1:1 C444 XCOLORRANGE=LIMITED\n`;
    expect(bytes.subarray(0, header.length).toString()).toBe(header);
    expect(header.length).toBeLessThanOrEqual(80); // what ffmpeg and x264 take
    const area = width * height;
    const frameBytes = 6 + 3 * area;
    expect(bytes.length).toBe(header.length + 3 * frameBytes);
    // The definition of the colours, backwards: Kr and Kb are the shares of red and blue.
    const [kr, kb] = matrix;
    for (let i = 0; i < 3; i++) {
      const start = header.length + i * frameBytes;
      expect(bytes.subarray(start, start + 6).toString()).toBe('FRAME\n');
      const expected = frame(i, video);
      let worst = 0;
      for (let p = 0; p < area; p++) {
        const [y, cb, cr] = [0, 1, 2].map((plane) => bytes[start + 6 + plane * area + p]!) as [number, number, number];
        const luma = (y - 16) / 219;
        const red = luma + 2 * (1 - kr) * ((cr - 128) / 224);
        const blue = luma + 2 * (1 - kb) * ((cb - 128) / 224);
        const green = (luma - kr * red - kb * blue) / (1 - kr - kb);
        for (const [c, value] of [red, green, blue].entries()) {
          const far = Math.abs(value * 255 - expected[4 * p + c]!);
          if (!(far <= worst)) worst = far;
        }
      }
      expect(worst).toBeLessThan(1.9); // half a step of luma and half of the difference, each in its own units
    }
    expect(await readFile(at('a.y4m.txt'), 'utf8')).toBe(`${VIDEO.comment}\n`);
  });

  test('has the limits of the range for black and white', async () => {
    const video = { ...VIDEO, width: 2, height: 1, frames: 1 };
    const file = await openVideoFile(at('a.y4m'), video);
    await file.write(Uint8ClampedArray.of(0, 0, 0, 255, 255, 255, 255, 255));
    await file.close();
    expect([...(await readFile(at('a.y4m'))).subarray(-6)]).toEqual([16, 235, 128, 128, 128, 128]);
  });

  test('leaves the file that was there until the new one is whole', async () => {
    await writeFile(at('a.y4m'), 'before');
    const file = await openVideoFile(at('a.y4m'), VIDEO);
    await file.write(frame(0));
    expect(await readFile(at('a.y4m'), 'utf8')).toBe('before');
    await file.discard();
    expect(await readdir(folder)).toEqual(['a.y4m']);
    expect(await readFile(at('a.y4m'), 'utf8')).toBe('before');
  });

  test.runIf(process.platform === 'linux')('tells a full disk', async () => {
    await symlink('/dev/full', at('a.y4m.part'));
    const file = await openVideoFile(at('a.y4m'), VIDEO);
    await expect(file.write(frame(0))).rejects.toMatchObject({
      code: 'storage-full',
      message: expect.stringContaining(at('a.y4m')),
    });
    await file.discard();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('PNG', () => {
  test.for([
    ['a.png', ['a_0001.png', 'a_0002.png', 'a_0003.png']],
    ['a_%02d.png', ['a_01.png', 'a_02.png', 'a_03.png']],
    ['a%d.PNG', ['a1.PNG', 'a2.PNG', 'a3.PNG']],
    ['b', ['frame_0001.png', 'frame_0002.png', 'frame_0003.png']],
    ['b/c.d/', ['frame_0001.png', 'frame_0002.png', 'frame_0003.png']],
  ] as const)('%s is numbered files with the settings in them', async ([name, files]) => {
    const file = await openVideoFile(at(name), VIDEO);
    await writeAll(file);
    const inside = name.startsWith('b') ? at(name) : folder;
    expect((await readdir(inside)).sort()).toEqual(files);
    for (const [i, one] of files.entries()) {
      const bytes = await readFile(join(inside, one));
      const png = decode(bytes, { checkCrc: true });
      expect([png.width, png.height, png.channels]).toEqual([32, 16, 3]);
      expect([...png.data]).toEqual(colours(frame(i)));
      expect(international(bytes)).toBe(`Comment\0\0\0\0\0${VIDEO.comment}`);
    }
  });

  test('of one frame is the file itself', async () => {
    const video = { ...VIDEO, frames: 1 };
    const file = await openVideoFile(at('a.png'), video);
    await writeAll(file, video);
    expect(await readdir(folder)).toEqual(['a.png']);
    expect(file).toMatchObject({ path: at('a.png'), format: 'png' });
  });

  test('goes into a folder of any name that is there', async () => {
    await mkdir(at('clips.v2'));
    await writeAll(await openVideoFile(at('clips.v2'), VIDEO));
    expect(await readdir(at('clips.v2'))).toHaveLength(3);
  });

  test('discarded leaves the files of others', async () => {
    await writeFile(at('a_0003.png'), 'other');
    const file = await openVideoFile(at('a.png'), VIDEO);
    await file.write(frame(0));
    await file.write(frame(1));
    await file.discard();
    expect(await readdir(folder)).toEqual(['a_0003.png']);
  });

  test('takes the place of a video that was there when it is whole, and not before', async () => {
    const longer = { ...VIDEO, frames: 5 };
    await writeAll(await openVideoFile(at('b'), longer), longer);
    await writeFile(at('b/frame_0009.png'), 'a stranger’s');
    const before = await readFile(at('b/frame_0001.png'));
    const stopped = await openVideoFile(at('b'), { ...VIDEO, comment: 'later' });
    await stopped.write(frame(1));
    await stopped.discard();
    expect(await readdir(at('b'))).toHaveLength(6);
    expect(await readFile(at('b/frame_0001.png'))).toEqual(before);
    await writeAll(await openVideoFile(at('b'), { ...VIDEO, comment: 'later' }));
    const names = [1, 2, 3, 9].map((number) => `frame_000${number}.png`);
    expect((await readdir(at('b'))).sort()).toEqual(names);
    expect(international(await readFile(at('b/frame_0001.png')))).toContain('later');
  });

  /** Of the iTXt chunk, whose sum is checked. */
  function international(png: Buffer): string {
    for (let start = 8; start < png.length; start += 12 + png.readUInt32BE(start)) {
      const body = png.subarray(start + 4, start + 8 + png.readUInt32BE(start));
      if (body.subarray(0, 4).toString() !== 'iTXt') continue;
      expect(png.readUInt32BE(start + 4 + body.length)).toBe(crc32(body));
      return body.subarray(4).toString();
    }
    return '';
  }
});

describe.skipIf(process.platform === 'win32')('ffmpeg', () => {
  /** A program of that name, first on PATH, that knows some encoders and does as told with its frames. */
  async function program(encoders: string, encode: string): Promise<void> {
    const lines = encoders.split(' ').map((name) => ` V....D ${name.padEnd(20)} ${name}`);
    await mkdir(at('bin'));
    await writeFile(
      at('bin/ffmpeg'),
      `#!/bin/sh
if [ "$2" = -encoders ]; then echo '${lines.join('\n')}'; exit 0; fi
printf '%s\\n' "$@" > '${at('arguments')}'
for last; do :; done
${encode}
`,
    );
    await chmod(at('bin/ffmpeg'), 0o755);
    vi.stubEnv('PATH', `${at('bin')}:${process.env.PATH}`);
  }
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
  const KEEP = 'cat > "${last#file:}"';

  test.for([
    ['mp4', 'mpeg4 libx264', 'libx264', true],
    ['mp4', 'mpeg4', 'mpeg4', true],
    ['webm', 'libx264 libvpx-vp9 libvpx', 'libvpx-vp9', false],
  ] as const)('is told all about a %s and given every frame', async ([format, encoders, encoder, fast]) => {
    await program(encoders, KEEP);
    const path = at(`a.${format}`);
    const file = await openVideoFile(path, VIDEO);
    expect(file).toMatchObject({ path, format, remark: null });
    await writeAll(file);
    const expected = Buffer.from([0, 1, 2].flatMap((i) => [...frame(i)]));
    expect((await readFile(path)).equals(expected)).toBe(true);
    expect((await readdir(folder)).sort()).toEqual([`a.${format}`, 'arguments', 'bin']);

    const given = (await readFile(at('arguments'), 'utf8')).trim().split('\n');
    const after = (option: string) => given[given.indexOf(option) + 1];
    expect([after('-video_size'), after('-framerate'), after('-i')]).toEqual(['32x16', '8', 'pipe:0']);
    expect([after('-c:v'), after('-metadata')]).toEqual([encoder, `comment=${VIDEO.comment}`]);
    expect(given.includes('+faststart')).toBe(fast);
    expect(given.slice(-3)).toEqual(['-f', format, `file:${path}.part`]);
  });

  test('that fails is an error with its last words, at a frame or at the end', async () => {
    await program(
      'libx264',
      'head -c 100 > /dev/null; echo "[libx264] cannot open: Function not implemented" >&2; exit 3',
    );
    const large = { ...VIDEO, width: 512, height: 512 };
    for (const video of [VIDEO, large]) {
      const file = await openVideoFile(at('a.mp4'), video);
      await expect(writeAll(file, video)).rejects.toMatchObject({
        code: 'storage-failed',
        message: `ffmpeg could not write ${at('a.mp4')}: [libx264] cannot open: Function not implemented`,
      });
      await file.discard();
    }
    expect((await readdir(folder)).sort()).toEqual(['arguments', 'bin']);
  });

  test('without room on the disk is told so', async () => {
    await program('libx264', 'echo "av_interleaved_write_frame(): No space left on device" >&2; exit 1');
    const file = await openVideoFile(at('a.mp4'), VIDEO);
    await expect(writeAll(file)).rejects.toMatchObject({ code: 'storage-full' });
    await file.discard();
  });

  test('is ended by discarding, and what it wrote goes', async () => {
    await program('libx264', `${KEEP}; sleep 60`);
    const file = await openVideoFile(at('a.mp4'), VIDEO);
    await file.write(frame(0));
    const before = performance.now();
    await file.discard();
    expect(performance.now() - before).toBeLessThan(5000);
    expect((await readdir(folder)).filter((name) => name.startsWith('a.'))).toEqual([]);
  });

  test.for([
    ['not there', '', 'There is no ffmpeg on PATH'],
    ['without an encoder', 'libtheora', 'The ffmpeg on PATH has none of libx264, libopenh264, mpeg4'],
    ['broken', 'BROKEN', 'The ffmpeg on PATH cannot be run (ffmpeg: error while loading libx264.so)'],
    ['not to be run', 'LOCKED', 'The ffmpeg on PATH cannot be run (EACCES)'],
  ] as const)('%s: the video is a Y4M beside, with a remark', async ([, encoders, missing]) => {
    if (encoders) await program(encoders, 'exit 1');
    if (encoders === 'BROKEN')
      await writeFile(at('bin/ffmpeg'), '#!/bin/sh\necho "ffmpeg: error while loading libx264.so" >&2; exit 127\n');
    if (encoders === 'LOCKED') {
      vi.stubEnv('PATH', at('bin')); // no other one behind it
      await chmod(at('bin/ffmpeg'), 0o644);
    }
    if (!encoders) vi.stubEnv('PATH', folder);
    const file = await openVideoFile(at('a.mp4'), VIDEO);
    expect(file).toMatchObject({ path: at('a.y4m'), format: 'y4m' });
    expect(file.remark).toBe(
      `${missing}, so ${at('a.y4m')} is written; "ffmpeg -i ${at('a.y4m')} ${at('a.mp4')}" makes the other.`,
    );
    await writeAll(file);
    expect((await readdir(folder)).filter((name) => name !== 'bin').sort()).toEqual(['a.y4m', 'a.y4m.txt']);
  });

  const installed = spawnSync('ffmpeg', ['-version']).status === 0;
  test.runIf(installed).for(['mp4', 'webm', 'y4m'])(
    'of this machine makes a %s whose colours and settings are the same',
    async (format) => {
      const video = { ...VIDEO, width: 64, height: 64, frames: 9 };
      const levels = [
        [200, 40, 40],
        [40, 180, 60],
        [30, 60, 210],
      ] as const;
      const file = await openVideoFile(at(`a.${format}`), video);
      expect(file.remark).toBeNull();
      const flat = (number: number) =>
        Uint8ClampedArray.from({ length: 64 * 64 * 4 }, (_, i) => [...levels[Math.floor(number / 3)]!, 255][i % 4]!);
      for (let i = 0; i < 9; i++) await file.write(flat(i));
      await file.close();
      const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', file.path, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
      expect(raw.length).toBe(9 * 64 * 64 * 3);
      for (let i = 1; i < 9; i += 3)
        for (let c = 0; c < 3; c++)
          expect(Math.abs(raw[(i * 64 * 64 + 2080) * 3 + c]! - levels[Math.floor(i / 3)]![c]!)).toBeLessThan(8);
      const told = spawnSync('ffmpeg', ['-hide_banner', '-i', file.path], { encoding: 'utf8' }).stderr;
      if (format !== 'y4m') expect(told).toMatch(/comment\s*: --prompt '雨 in the street' --size 32x16/i);
    },
  );
});

describe('refuses', () => {
  test('names of other kinds', async () => {
    await expect(openVideoFile(at('a.avi'), VIDEO)).rejects.toMatchObject({
      code: 'input-invalid',
      message: expect.stringContaining('Choose .mp4, .webm, .y4m, .png or a folder'),
    });
  });

  test.for(['none/a.y4m', 'none/a.png', 'file/frames'])('%s, where nothing can be written', async (name) => {
    await writeFile(at('file'), '');
    await expect(openVideoFile(at(name), VIDEO)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringMatching(/cannot be written \((ENOENT|ENOTDIR)\)/),
    });
  });

  test('frames of another size, and fewer than were told', async () => {
    const file = await openVideoFile(at('a.y4m'), VIDEO);
    expect(() => file.write(new Uint8ClampedArray(8))).toThrow('has 2048 bytes, 8 came');
    await file.write(frame(0));
    await expect(file.close()).rejects.toThrow('is of 3 frames, 1 came');
    await file.discard();
  });
});
