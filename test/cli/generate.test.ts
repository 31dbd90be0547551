/** `generate` as users run it: stopped by Ctrl-C, gone on with by the same command. */
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

/** One token: what is decoded takes no time. */
const SMALL = ['--prompt', 'a red circle', '--size', '32x32', '--frames', '5', '--steps', '40'];

const pngs = async (prefix: string) => {
  const files = (await readdir(folder)).filter((name) => name.startsWith(prefix) && name.endsWith('.png')).sort();
  return Promise.all(files.map(async (file) => (await readPicture(join(folder, file))).pixels));
};

test('a stopped video goes on, and becomes the one it would have been', async () => {
  const out = join(folder, 'red.png');
  const json = join(folder, 'red.json');
  const command = [...SMALL, '--out', out, '--json', json];
  const unfinished = `${out}.unfinished`;

  const stopped = await generate(command, () => existsSync(unfinished));
  expect(stopped.status).toBe(1);
  expect(stopped.stderr).toMatch(
    /^Stopped\. \S+red\.png\.unfinished keeps what was done until step \d+ of 40\. The same command goes on/m,
  );
  expect(await readdir(folder)).toEqual(['red.png.unfinished']);

  for (const more of [[], ['--plan']]) {
    const other = await generate([...command, '--shift', '5', ...more]);
    expect([other.status, other.stdout]).toEqual([1, '']);
    expect(other.stderr).toContain('its shift is "3", now it is "5"');
  }
  expect(existsSync(unfinished)).toBe(true);

  const plan = await generate([...command, '--plan']);
  expect(plan.stderr).toMatch(/Going on after step \d+ of 40/);
  expect([plan.status, existsSync(unfinished)]).toEqual([0, true]);

  const { status, stdout, stderr } = await generate(command);
  expect(status, stderr).toBe(0);
  expect(stderr).toMatch(/Going on after step \d+ of 40/);
  expect(existsSync(unfinished)).toBe(false);
  const result: ClipResult = JSON.parse(await readFile(json, 'utf8'));
  expect(result.resumedSteps).toBeGreaterThan(0);
  expect(result.stages.step!.samples).toHaveLength(40 - result.resumedSteps);
  const line = stdout.trimEnd().split('\n').at(-1)!;
  expect(readClipLine(line)).toEqual(result.settings);

  const whole = await generate([...SMALL, '--out', join(folder, 'whole.png')]);
  expect(whole.status, whole.stderr).toBe(0);
  const frames = await pngs('whole');
  expect(frames).toHaveLength(5);
  expect(await pngs('red')).toEqual(frames);
});
