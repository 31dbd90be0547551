/** Live servers from a page: real requests across origins, to servers on this machine that speak the contracts. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBrowser } from '../support/browser';
import { type ComfyServer, startComfyServer } from '../support/servers/comfyui';
import { startVideoServer, type VideoServer } from '../support/servers/openai_videos';
import { accessibilityProblems, openPage, PHONE, sidewaysScroll } from './open_page';

let browser: Browser;
let videos: VideoServer;
let comfy: ComfyServer;
let page: Page;
let problems: string[];

beforeAll(async () => {
  [browser, videos, comfy] = await Promise.all([
    openBrowser({ webgpu: false }),
    startVideoServer(),
    startComfyServer(),
  ]);
  const servers = [videos.url, comfy.url, NOBODY];
  ({ page, problems } = await openPage(browser, { view: 'compare', gpuObject: false, servers }));
  page.setDefaultTimeout(10_000);
  await page.locator('[name=live-prompt]').fill('a red circle');
});
beforeEach(() => {
  Object.assign(videos, { cors: true, error: null, questions: 3, token: null, loses: false });
  videos.jobs.clear();
  Object.assign(comfy, { hangs: false, nodeMs: 1 });
});
afterAll(() => Promise.all([browser.close(), videos.close(), comfy.close()]));

/** A browser writes requests that failed to its console by itself: to find out what a server is takes some. */
const strange = () => problems.filter((problem) => !problem.startsWith('Failed to load resource'));
/** A port that nothing listens on. */
const NOBODY = 'http://127.0.0.1:19';
const panel = () => page.locator('.live');
const button = (name: string) => panel().getByRole('button', { name, exact: true });
const failure = () => panel().locator('.failure');

async function ask(address: string, { limit = '60', token = '' } = {}): Promise<void> {
  await page.locator('[name=server]').fill(address);
  await page.locator('[name=limit]').fill(limit);
  await page.locator('[name=token]').fill(token);
  await button('Make it there').click();
}

test('a video comes from vLLM-Omni, is played, and its stages are told', async () => {
  await ask(videos.url);
  await panel().getByRole('heading', { name: 'The server’s video' }).waitFor();
  expect(await panel().innerText()).toContain('Found vLLM-Omni: Wan-AI/Wan2.2-TI2V-5B-Diffusers.');
  const video = panel().locator('video');
  await expect.poll(() => video.evaluate((each: HTMLVideoElement) => each.currentTime)).toBeGreaterThan(0);
  expect(await video.evaluate(({ videoWidth, videoHeight }: HTMLVideoElement) => [videoWidth, videoHeight])).toEqual([
    96, 96,
  ]);
  await button('Pause').click();
  await button('Play').waitFor();
  const scrubber = panel().getByRole('slider');
  await scrubber.fill('0.5');
  await expect.poll(() => video.evaluate((each: HTMLVideoElement) => each.currentTime)).toBeCloseTo(0.5, 2);
  expect(await panel().locator('.chart .bar').count()).toBe(1);
  expect(
    await panel()
      .getByRole('row', { name: /^One step/ })
      .innerText(),
  ).toMatch(/120.ms.*derived/s);
  expect(
    await panel()
      .getByRole('row', { name: /^Peak memory/ })
      .innerText(),
  ).toMatch(/24.GiB/);
  expect(await panel().innerText()).toContain('Another engine draws other noise');
  expect(await panel().innerText()).toContain('could not be told the solver');
  expect(videos.deleted.length).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(strange()).toEqual([]);
});

test('times stay where their video does not come', async () => {
  videos.loses = true;
  await ask(videos.url);
  await panel().getByRole('heading', { name: 'The server’s times, without its video' }).waitFor();
  expect(await panel().innerText()).toMatch(/The video did not come; .* has no file of it \(status 404\)/);
  await panel()
    .getByRole('row', { name: /^One step/ })
    .waitFor();
  expect([await panel().locator('video').count(), await button('Save the server’s video').count()]).toEqual([0, 0]);
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(strange()).toEqual([]);
});

test('a video comes from ComfyUI, over its WebSocket, and the page fits a phone in Chinese', async () => {
  await ask(comfy.url);
  await panel()
    .getByRole('row', { name: /^Load models/ })
    .waitFor();
  expect(await panel().innerText()).toContain('Found ComfyUI: ComfyUI 0.3.60 PyTorch 2.9.1+cu128, NVIDIA L40S.');
  expect(
    await panel()
      .getByRole('row', { name: /^One step/ })
      .innerText(),
  ).toContain('measured');
  expect(comfy.graphs[0]!.latents!.inputs).toMatchObject({ width: 832, height: 480, length: 33 });
  await page.setViewportSize(PHONE);
  await page.getByRole('button', { name: '切换到中文' }).click();
  await panel().getByText('另一引擎').waitFor();
  await panel().locator('.live-help summary').click();
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Switch to English' }).click();
  await page.setViewportSize({ width: 1440, height: 900 });
  expect(strange()).toEqual([]);
});

test('a server that does not allow the page is told apart from one that is not there', async () => {
  videos.cors = false;
  await ask(videos.url);
  await failure().waitFor();
  const origin = new URL(page.url()).origin;
  expect(await failure().innerText()).toContain(`does not let ${origin} read it (CORS)`);
  expect(await failure().innerText()).toContain(`--enable-cors-header ${origin}`);
  await ask(NOBODY);
  await expect.poll(() => failure().innerText()).toContain('127.0.0.1:19 cannot be reached');
  problems.length = 0; // refused ones are written there in other words
});

test('a failure, a refusal and a time-out are told in the server’s words and with both numbers', async () => {
  videos.error = { code: 500, message: 'CUDA out of memory' };
  await ask(videos.url);
  await expect.poll(() => failure().innerText()).toContain('It says: CUDA out of memory');
  Object.assign(videos, { error: null, questions: Number.POSITIVE_INFINITY });
  await ask(videos.url, { limit: '0.01' });
  await expect.poll(() => failure().innerText()).toMatch(/"queued" at 0 % after 0\.\d s; the limit is 0\.6 s/);
  expect(videos.jobs.size).toBe(0);
  videos.token = 'secret';
  await ask(videos.url);
  await expect.poll(() => failure().innerText()).toContain('give its token');
  videos.questions = 3;
  await ask(videos.url, { token: 'secret' });
  await panel().getByRole('heading', { name: 'The server’s video' }).waitFor();
  expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]))).not.toContain('secret');
});

test('Stop ends the run, and the job on either server', async () => {
  videos.questions = Number.POSITIVE_INFINITY;
  const before = videos.deleted.length;
  await ask(videos.url);
  await panel().getByText('Waiting in its queue').first().waitFor();
  await button('Stop').click();
  await panel().getByText('Stopped. vLLM-Omni and ComfyUI end what they had begun').first().waitFor();
  expect([videos.jobs.size, videos.deleted.length]).toEqual([0, before + 1]);
  comfy.hangs = true;
  await ask(comfy.url);
  await panel()
    .getByText(/Denoise.*1 of 50/)
    .waitFor();
  await button('Stop').click();
  await panel().getByText('Stopped. vLLM-Omni and ComfyUI end what they had begun').first().waitFor();
  expect(comfy.interrupted).toEqual(comfy.queued);
  expect([comfy.interrupted.length, comfy.dequeued.length]).toEqual([1, 0]);
  expect(strange()).toEqual([]);
});

test('a page that may not reach this machine is told of the permission', async () => {
  await page.context().clearPermissions();
  await ask(videos.url);
  await expect.poll(() => failure().innerText()).toContain('refused the permission to reach the local network');
});
