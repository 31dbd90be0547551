import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonFile } from '../../src/cli/json_file';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-json-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the file that --json names', () => {
  test('is as it was until the result is there', async () => {
    const path = join(folder, 'there.json');
    await writeFile(path, 'of before');
    const write = await jsonFile(path);
    expect(await readFile(path, 'utf8')).toBe('of before');
    await write({ seconds: 1 });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ seconds: 1 });
  });

  test('is refused before a run where it cannot be, and leaves nothing', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    const before = await readdir(folder);
    await expect(jsonFile(join(folder, 'not', 'there.json'))).rejects.toThrow('cannot be written (ENOENT)');
    await expect(jsonFile(join(path, 'below.json'))).rejects.toThrow('cannot be written (ENOTDIR)');
    for (const none of ['', folder, join(folder, 'new/')])
      await expect(jsonFile(none)).rejects.toThrow('--json is the name of a file');
    await jsonFile(join(folder, 'new.json'));
    expect(await readdir(folder)).toEqual(before);
  });

  test('that fails to be written is told as other files are', async () => {
    const path = join(folder, 'gone');
    const write = await jsonFile(path);
    await rm(folder, { recursive: true });
    await expect(write({})).rejects.toMatchObject({ code: 'storage-failed' });
    folder = await mkdtemp(join(tmpdir(), 'wanscope-json-'));
  });
});
