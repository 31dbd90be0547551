/** MP4 and WebM through the ffmpeg on PATH: raw frames into its standard input, the settings as the file's comment. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import { promisify } from 'node:util';
import { AppError, excerpt } from '../core/errors';
import { diskFailure, diskFull, remove, unfinished } from './disk_failure';
import type { FrameWriter, Video } from './video_file';

/** Encoders by preference, with options for a quality at which compression is hard to see. */
const ENCODERS = {
  mp4: {
    libx264: ['-crf', '17'],
    libopenh264: ['-b:v', '12M'],
    mpeg4: ['-q:v', '2'],
  },
  webm: {
    'libvpx-vp9': ['-crf', '20', '-b:v', '0', '-row-mt', '1', '-cpu-used', '2'],
    libvpx: ['-crf', '6', '-b:v', '12M'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;

type Format = keyof typeof ENCODERS;

/** The first of the format's encoders that ffmpeg has here, as options of its; or what is missing, to begin a sentence with. */
export async function findEncoder(format: Format): Promise<{ encoder: readonly string[] } | { missing: string }> {
  const listed = await promisify(execFile)('ffmpeg', ['-hide_banner', '-encoders']).catch(whyNot);
  if ('missing' in listed) return listed;
  const names = new Set([...listed.stdout.matchAll(/^ V\S+ (\S+)/gm)].map(([, name]) => name));
  const found = Object.entries(ENCODERS[format]).find(([name]) => names.has(name));
  if (!found) return { missing: `The ffmpeg on PATH has none of ${Object.keys(ENCODERS[format]).join(', ')}` };
  return { encoder: ['-c:v', found[0], ...found[1]] };
}

/** Of a failed call; one that begins and fails is broken, by a library that is missing above all. */
function whyNot({ code, stderr = '' }: { readonly code?: string | number; readonly stderr?: string }) {
  if (code === 'ENOENT') return { missing: 'There is no ffmpeg on PATH' };
  const said = stderr.trim().split('\n').at(-1) || (typeof code === 'string' ? code : `status ${code}`);
  return { missing: `The ffmpeg on PATH cannot be run (${excerpt(said)})` };
}

export async function openFfmpeg(
  path: string,
  { width, height, framesPerSecond, comment }: Video,
  format: Format,
  encoder: readonly string[],
): Promise<FrameWriter> {
  const part = unfinished(path);
  await open(part, 'w')
    .then((file) => file.close())
    .catch((cause) => {
      throw diskFailure(path, cause);
    });

  const input = ['-f', 'rawvideo', '-pixel_format', 'rgba', '-video_size', `${width}x${height}`];
  const colours = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'error', '-y'],
      ...[...input, '-framerate', String(framesPerSecond), '-i', 'pipe:0'],
      ...['-vf', 'scale=out_color_matrix=bt709:out_range=tv,format=yuv420p', ...encoder, ...colours],
      ...['-metadata', `comment=${comment}`, ...(format === 'mp4' ? ['-movflags', '+faststart'] : [])],
      ...['-f', format, `file:${part}`], // with a protocol, a name may begin with "-" and hold ":"
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  let complaints = '';
  ffmpeg.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  ffmpeg.stdin.on('error', () => {}); // it ended early; how it ended tells why
  const ended: Promise<number | null> = once(ffmpeg, 'close').then(
    ([status]) => status,
    (cause) => {
      throw new AppError('storage-failed', `ffmpeg cannot be started (${cause.code}).`, { cause });
    },
  );
  ended.catch(() => {}); // heard where it is awaited

  const failure = (status: number | null) => {
    if (/No space left on device/.test(complaints)) return diskFull(path);
    const lines = complaints.trim().split('\n').slice(-3).join(' ');
    return new AppError(
      'storage-failed',
      `ffmpeg could not write ${path}: ${lines || `it ended with status ${status}`}`,
    );
  };
  return {
    path,
    format,
    async write(frame) {
      const bytes = new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength);
      const broken = await new Promise((resolve) => ffmpeg.stdin.write(bytes, resolve));
      if (broken) throw failure(await ended);
    },
    async close() {
      ffmpeg.stdin.end();
      const status = await ended;
      if (status !== 0) throw failure(status);
      await rename(part, path).catch((cause) => {
        throw diskFailure(path, cause);
      });
    },
    async discard() {
      ffmpeg.kill('SIGKILL');
      await ended.catch(() => {});
      await remove(part);
    },
  };
}
