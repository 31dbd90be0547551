import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openUnfinished, unfinishedPath } from '../../src/cli/unfinished_file';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-unfinished-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('where nothing was begun there is nothing', async () => {
  expect(await openUnfinished(join(folder, 'none.mp4'))).toBeNull();
});

test('a file that cannot be read says how to begin anew', async () => {
  const out = join(folder, 'broken.mp4');
  await writeFile(unfinishedPath(out), 'garbage');
  await expect(openUnfinished(out)).rejects.toThrow(/broken\.mp4\.unfinished holds no unfinished.*--fresh begins anew/);
});
