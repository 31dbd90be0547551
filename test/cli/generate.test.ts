/** `generate` as users run it: stopped by Ctrl-C, gone on with by the same command, to PyTorch's frames. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPicture } from '../../src/cli/read_picture';
import { readClipLine } from '../../src/core/clip_line';
import type { ClipResult } from '../../src/core/clip_run';
import { commandLine } from '../support/command_line';
import { demoGolden, furthest } from '../support/demo_model';

commandLine();

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wanscope-generate-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Sends Ctrl-C as soon as `stopWhen` says so. */
async function generate(args: readonly string[], stopWhen = () => false) {
  const child = spawn(process.execPath, ['dist/cli/main.js', 'generate', ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const watch = setInterval(() => {
    if (!stopWhen()) return;
    clearInterval(watch);
    child.kill('SIGINT');
  }, 20);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  return { status, stdout, stderr };
}

test('a stopped video goes on, and becomes the published one', async () => {
  const { prompt, seed, frames } = demoGolden(0);
  const out = join(folder, 'red.png');
  const json = join(folder, 'red.json');
  const command = ['--prompt', prompt, '--seed', String(seed), '--out', out, '--json', json];
  const unfinished = `${out}.unfinished`;

  const stopped = await generate(command, () => existsSync(unfinished));
  expect(stopped.status).toBe(1);
  expect(stopped.stderr).toMatch(
    /^Stopped\. \S+red\.png\.unfinished keeps what was done until step \d+ of 20\. The same command goes on/m,
  );
  expect(await readdir(folder)).toEqual(['red.png.unfinished']);

  const other = await generate([...command, '--shift', '5']);
  expect([other.status, other.stdout]).toEqual([1, '']);
  expect(other.stderr).toContain('its shift is "3", now it is "5"');
  expect(existsSync(unfinished)).toBe(true);

  const { status, stdout, stderr } = await generate(command);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/Going on after step \d+ of 20/);
  expect(existsSync(unfinished)).toBe(false);

  const result: ClipResult = JSON.parse(await readFile(json, 'utf8'));
  expect(result.resumedSteps).toBeGreaterThan(0);
  expect(result.stages.step!.samples).toHaveLength(20 - result.resumedSteps);
  expect(readClipLine(stdout.trimEnd().split('\n').at(-1)!)).toEqual(result.settings);

  const files = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
  expect(files).toHaveLength(17);
  const parts = await Promise.all(
    files.map(async (file, firstFrame) => {
      const { width, height, pixels } = await readPicture(join(folder, file));
      return { firstFrame, frameCount: 1, x: 0, y: 0, width, height, pixels };
    }),
  );
  expect(furthest(parts, frames)).toBeLessThan(1e-2);
});
