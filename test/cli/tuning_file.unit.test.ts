import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tuningFiles, tuningFolder } from '../../src/cli/tuning_file';
import { readTable, type TuningTable } from '../../src/tuning/table';

const table: TuningTable = {
  schema: 'wanscope-tuning',
  version: 1,
  key: { adapter: 'a', vendor: 'v', architecture: '', device: '', driver: '', backend: '', shaders: 's' },
  made: '2026-11-26T12:00:00.000Z',
  entries: [],
  leftOut: [],
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-tuning-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What it said, in order. */
function files(at: string) {
  const said: string[] = [];
  return { said, ...tuningFiles(at, (text) => said.push(text)) };
}

test('the folder is the user’s for caches', () => {
  expect(tuningFolder({}, 'linux', '/home/me')).toBe('/home/me/.cache/wanscope/tuning');
  expect(tuningFolder({ XDG_CACHE_HOME: '/caches' }, 'linux', '/home/me')).toBe('/caches/wanscope/tuning');
  expect(tuningFolder({ LOCALAPPDATA: '/local' }, 'win32', '/home/me')).toBe('/local/wanscope/tuning');
  expect(tuningFolder({ LOCALAPPDATA: '/local' }, 'linux', '/home/me')).toBe('/home/me/.cache/wanscope/tuning');
});

test('what is written is read again, and nothing else is left in the folder', async () => {
  const at = join(folder, 'not', 'there yet');
  const { read, write, said } = files(at);
  expect(await read('gpu')).toBeUndefined();
  await write('gpu', table);
  await write('gpu', { ...table, made: '2026-11-27T12:00:00.000Z' });
  expect(readTable(await read('gpu'))).toEqual({ ok: true, table: { ...table, made: '2026-11-27T12:00:00.000Z' } });
  expect(await readdir(at)).toEqual(['gpu.json']);
  expect(said).toEqual([]);
});

test('where nothing can be written it says so once, with the reason, and goes on', async () => {
  await writeFile(join(folder, 'file'), '');
  const { write, said } = files(join(folder, 'file', 'below'));
  await write('gpu', table);
  await write('gpu', table);
  expect(said).toEqual([expect.stringMatching(/could not be kept, so the next start tunes again: .*ENOTDIR/)]);
});

test('a file that is no JSON is named and not used', async () => {
  await writeFile(join(folder, 'broken.json'), '{"schema": "wansc');
  const { read, said } = files(folder);
  expect(await read('broken')).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/broken\.json is no JSON, so it is not used/)]);
});

test('a file that cannot be read is as if it were not there, and is told', async () => {
  await mkdir(join(folder, 'folder.json'));
  const { read, said } = files(folder);
  expect(await read('folder')).toBeUndefined();
  expect(said).toEqual([expect.stringMatching(/could not be read: .*EISDIR/)]);
});
