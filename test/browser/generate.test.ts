/**
 * The Generate view as a visitor meets it: the demo model, on SwiftShader. One
 * page for all, in order; two videos of the same settings are made, the second
 * one with every interruption there is.
 */
import { readFile } from 'node:fs/promises';
import { decode as decodePng, encode as encodePng } from 'fast-png';
import type { Browser, Download, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clipLine, readClipLine } from '../../src/core/clip_line';
import { blobSource } from '../../src/weights/byte_source';
import { readZipDirectory } from '../../src/weights/zip_directory';
import { openBrowser } from '../support/browser';
import { demoGolden, furthestOf } from '../support/demo_model';
import { layerValues, loraFile } from '../support/lora_file';
import { startVideoServer, type VideoServer } from '../support/servers/openai_videos';
import { accessibilityProblems, openPage, PHONE, sidewaysScroll } from './open_page';
import { decodeVideo, difference, type Pixels, shownFrames } from './video_frames';
import { watchLongTasks, watchProgress } from './watch';

const PROMPT = 'a red circle moving right on a black background';
const RUN_MS = 180_000;

let browser: Browser;
let page: Page;
let server: VideoServer;
let problems: string[];
/** Of the video that was made without an interruption. */
let frames: Pixels[];

beforeAll(async () => {
  [browser, server] = await Promise.all([openBrowser(), startVideoServer()]);
});
afterAll(() => Promise.all([browser.close(), server.close()]));

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });
/**
 * Here the "GPU" takes both cores, and a task's time counts its waiting for one: none used over 15 ms of CPU, and some of
 * those took 190 ms on a busy machine. The benchmark's own test, with less beside it, holds to 50.
 */
const LONGEST_TASK_MS = 250;
const tooLong = (durations: readonly number[]) => durations.filter((duration) => duration > LONGEST_TASK_MS);
const makeButton = () => page.locator('.make-row button');
const line = () => page.locator('.stage .progress .line').innerText();
const saved = async (press: () => Promise<void>): Promise<Download> => {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  return download;
};

/** Steps that are done, as the page says; 0 before the first. */
const stepsDone = async () => Number(/Denoise · (\d+) of 20/.exec(await line())?.[1] ?? 0);
const untilStep = (step: number) =>
  expect.poll(stepsDone, { timeout: RUN_MS, interval: 20 }).toBeGreaterThanOrEqual(step);

test('a first visit leads to a playing video in less than a minute', { timeout: RUN_MS }, async () => {
  const began = performance.now();
  ({ page, problems } = await openPage(browser, { view: 'generate', servers: [server.url] }));
  page.setDefaultTimeout(20_000);
  await button(PROMPT).click();
  const estimate = () => page.locator('.make-row .estimate').innerText();
  await expect.poll(estimate, { timeout: 20_000 }).toMatch(/about \d+–\d+\u202fs .*MiB of GPU memory/s);
  const [, least, most] = /(\d+)–(\d+)/.exec(await estimate())!.map(Number);
  const longTasks = await watchLongTasks(page);
  await button('Generate').click();
  const asked = performance.now();
  await page.locator('.stage progress').waitFor();
  const seen = watchProgress(page);
  const label = page.locator('.screen-label');
  await expect.poll(() => label.innerText(), { timeout: RUN_MS }).toMatch(/^Rough preview, after step \d+$/);
  expect(await page.title()).toMatch(/^\d+ % · WanScope · Generate$/);
  await expect.poll(() => label.innerText(), { timeout: RUN_MS, interval: 20 }).toMatch(/^\d+ of 17 frames decoded$/);
  await page.locator('.clip-result').waitFor({ timeout: RUN_MS });
  const runSeconds = (performance.now() - asked) / 1000;
  console.log(`told: ${least} to ${most} s; took ${runSeconds.toFixed(1)} s`);
  expect(runSeconds).toBeGreaterThan(least! / 2);
  expect(runSeconds).toBeLessThan(most! * 2);
  const frameNow = () => page.locator('.screen canvas').getAttribute('aria-label');
  const first = await frameNow();
  expect(first).toMatch(new RegExp(`^${PROMPT}: frame \\d+ of 17$`));
  await expect.poll(frameNow, { interval: 30 }).not.toBe(first);
  const seconds = (performance.now() - began) / 1000;
  console.log(`first visit to playing video: ${seconds.toFixed(1)} s`);
  const { stages, values } = await seen;
  expect(stages).toEqual(expect.arrayContaining(['Denoise', 'Decode']));
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(tooLong(await longTasks())).toEqual([]);
  expect(seconds).toBeLessThan(60);
  expect(await page.locator('[role=status]', { hasText: 'The video is finished.' }).count()).toBe(1);
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('the player steps, holds and scrubs by keyboard', async () => {
  await button('Pause').click();
  await page.locator('.scrubber input').focus();
  await page.keyboard.press('Home');
  const number = page.locator('.frame-number');
  await expect.poll(() => number.innerText()).toBe('1 / 17');
  await page.keyboard.press('.');
  await page.keyboard.press('.');
  await expect.poll(() => number.innerText()).toBe('3 / 17');
  await page.keyboard.press(',');
  await expect.poll(() => number.innerText()).toBe('2 / 17');
  await button('Loop').click();
  await page.locator('.scrubber input').focus();
  await page.keyboard.press('End');
  await button('Play').click(); // from the beginning, since it stands at the end
  await button('Pause').waitFor();
  await button('Play').waitFor();
  expect(await number.innerText()).toBe('17 / 17');
  await button('Loop').click();
  frames = await shownFrames(page);
  expect(frames).toHaveLength(17);
  expect(difference(frames[0]!, frames[16]!)).toBeGreaterThan(10); // it moves
});

test('the frames are those that PyTorch makes', () => {
  const golden = demoGolden(0);
  expect(golden.prompt).toBe(PROMPT);
  expect(furthestOf(frames, golden.frames)).toBeLessThan(1e-2);
});

describe('saved', () => {
  // Chroma is kept at half the size, and a circle's edge is sharp.
  const CODEC_LOSS = 8;

  test.for([
    ['Save MP4', /^wanscope-a-red-circle-.*-0\.mp4$/, /^avc1/],
    ['Save WebM', /^wanscope-a-red-circle-.*-0\.webm$/, /^(vp09|av01|vp8)/],
  ] as const)(
    'as %s, the file has the frames that were shown, the prompt and the settings',
    async ([name, file, codec]) => {
      const longTasks = await watchLongTasks(page);
      const download = await saved(() => button(name).click());
      expect(download.suggestedFilename()).toMatch(file);
      const decoded = await decodeVideo(page, await readFile(await download.path()));
      expect(tooLong(await longTasks())).toEqual([]);
      expect(decoded.codec).toMatch(codec);
      expect(decoded.timestamps.map((at) => at * 8)).toEqual(
        Array.from({ length: 17 }, (_, i) => expect.closeTo(i, 1)),
      );
      const losses = decoded.frames.map((frame, i) => difference(frame, frames[i]!));
      console.log(`${name}: ${decoded.codec}, differs by ${Math.max(...losses).toFixed(1)} of 255 at most`);
      for (const loss of losses) expect(loss).toBeLessThan(CODEC_LOSS);
      expect(decoded.tags.title).toBe(PROMPT);
      expect(readClipLine(decoded.tags.comment!)).toMatchObject({ prompt: PROMPT, seed: 0, frames: 17, width: 96 });
    },
  );

  test('as a picture, the file is the frame that is shown', async () => {
    await page.locator('.scrubber input').fill('5');
    const download = await saved(() => button('Save frame').click());
    expect(download.suggestedFilename()).toMatch(/-frame-05\.png$/);
    const { data } = decodePng(await readFile(await download.path()));
    expect(difference(new Uint8Array(data), frames[4]!)).toBe(0);
  });

  test('as all frames, they are in order, with the settings beside them', async () => {
    const download = await saved(() => button('Save all frames').click());
    const bytes = await readFile(await download.path());
    const members = await readZipDirectory(blobSource('frames.zip', new Blob([bytes])));
    const names = members.map(({ name }) => name);
    expect(names).toEqual(['settings.txt', ...frames.map((_, i) => `frame-${String(i + 1).padStart(2, '0')}.png`)]);
    for (const [i, { beginByte, endByte }] of members.slice(1).entries()) {
      const member = bytes.subarray(beginByte, endByte);
      const png = member.subarray(member.indexOf('\x89PNG', 0, 'latin1'), member.indexOf('IEND', 0, 'latin1') + 8);
      expect(difference(new Uint8Array(decodePng(png).data), frames[i]!), names[i + 1]).toBe(0);
    }
  });
});

test('the line of settings is copied, and taken over again', async () => {
  const text = await page.locator('.settings-line code').innerText();
  expect(clipLine({ ...(readClipLine(text) as Parameters<typeof clipLine>[0]) })).toBe(text);
  await page.locator('summary', { hasText: 'More' }).click();
  await page
    .getByLabel('Settings from a line')
    .fill(text.replace('--seed 0', '--seed 77').replace(PROMPT, 'a blue ring'));
  await button('Take over').click();
  await page.getByText('The settings were taken over.').waitFor();
  expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe('77');
  expect(await page.getByLabel('Prompt', { exact: true }).inputValue()).toBe('a blue ring');
  await page.getByLabel('Settings from a line').fill('--sede 0');
  await button('Take over').click();
  await expect.poll(() => page.locator('.line-field .failure').innerText()).toMatch(/"--sede" is none of --size/);
  await page.getByLabel('Settings from a line').fill(text);
  await button('Take over').click();
  await expect.poll(() => page.getByLabel('Seed', { exact: true }).inputValue()).toBe('0');
});

describe('what cannot be is explained at the field', () => {
  test('sizes, with the nearest that can', async () => {
    await page.locator('summary', { hasText: 'Another size' }).click();
    await page.locator('input[name=width]').fill('100');
    await page.keyboard.press('Tab');
    await page.locator('input[name=frames]').fill('16');
    await page.keyboard.press('Tab');
    await page.getByText('100 is no multiple of 32. Choose 96 or 128.').waitFor();
    await page.getByText('16 is not one more than a multiple of 4. Choose 13 or 17.').waitFor();
    expect(await makeButton().isDisabled()).toBe(true);
    expect(await page.locator('.make-row').innerText()).toMatch(/2 settings cannot be/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('切换到中文').click();
    await page.getByText('100 不是 32 的倍数，可用 96 或 128。').waitFor();
    expect(await page.locator('.clip-form').innerText()).not.toMatch(/\b(frames|steps|seed|Prompt|Size)\b/);
    expect(await accessibilityProblems(page)).toEqual([]);
    await button('Switch to English').click();
    await page.locator('input[name=width]').fill('96');
    await page.locator('input[name=frames]').fill('17');
    await page.keyboard.press('Tab');
    await expect.poll(() => makeButton().isEnabled()).toBe(true);
    expect(await page.locator('input[name=frames]').isVisible()).toBe(true); // not folded up when mended
  });

  test('words that the model does not know, and what does not fit', async () => {
    const tokens = page.locator('#prompt-tokens');
    await expect.poll(() => tokens.innerText(), { timeout: 10_000 }).toMatch(/^\d+ of 48 tokens$/);
    await page.getByLabel('Prompt', { exact: true }).fill('a ☃ moving right '.repeat(20));
    await expect
      .poll(() => page.locator('#prompt-remarks').innerText())
      .toMatch(/Too long.*Not in its vocabulary: .*☃/s);
    expect(await tokens.innerText()).toBe('48 of 48 tokens');
    await page.getByLabel('Prompts are read').selectOption('sentencepiece'); // it has bytes for what has no piece
    await expect.poll(() => page.locator('#prompt-remarks').innerText()).not.toMatch(/Not in its vocabulary/);
    await page.getByLabel('Prompts are read').selectOption('fast');
    await page.getByLabel('Prompt', { exact: true }).fill('');
    await expect.poll(() => page.locator('.make-row').innerText()).toMatch(/take an example/);
    expect(await makeButton().isDisabled()).toBe(true);
  });

  test('a picture is shown as the model will see it, and what is none is refused', async () => {
    const [width, height] = [200, 100];
    // Red on the left, blue on the right: the middle of both is what a square keeps.
    const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
      i % 3 === ((i / 3) % width < 100 ? 0 : 2) ? 255 : 0,
    );
    for (let i = 0; i < width * height; i++) data.set(i % width < 100 ? [255, 0, 0] : [0, 0, 255], i * 3);
    const buffer = Buffer.from(encodePng({ width, height, data, channels: 3 }));
    await page.locator('input[name=picture]').setInputFiles({ name: 'halves.png', mimeType: 'image/png', buffer });
    const cropped = page.getByRole('img', { name: 'halves.png, as the model will see it' });
    await cropped.waitFor();
    const sides = await cropped.evaluate((canvas: HTMLCanvasElement) => {
      const at = (x: number) => [...canvas.getContext('2d')!.getImageData(x, 48, 1, 1).data];
      return { size: [canvas.width, canvas.height], left: at(8), right: at(88) };
    });
    expect(sides).toEqual({ size: [96, 96], left: [255, 0, 0, 255], right: [0, 0, 255, 255] });
    await button('Remove').click();
    await cropped.waitFor({ state: 'hidden' });
    const none = { name: 'none.png', mimeType: 'image/png', buffer: Buffer.from('no picture') };
    await page.locator('input[name=picture]').setInputFiles(none);
    await expect.poll(() => page.locator('.picture .failure').innerText()).toMatch(/none\.png.*is no picture/s);
    await button(PROMPT).click();
  });
});

describe('interrupted', () => {
  const card = () => page.locator('.unfinished');
  const goOn = async () => {
    await card().getByRole('button', { name: 'Go on' }).click();
    await page.locator('.stage progress').waitFor();
  };

  test('Stop answers within a second, and what was done is kept', { timeout: RUN_MS }, async () => {
    await button('Generate').click();
    await untilStep(2);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').getByRole('button', { name: 'Keep running' }).click();
    const seconds = await makeButton().evaluate(async (stop: HTMLButtonElement) => {
      const began = performance.now();
      stop.click();
      while (stop.textContent?.trim() !== 'Generate') await new Promise((resolve) => setTimeout(resolve, 10));
      return (performance.now() - began) / 1000;
    });
    console.log(`Stop: ${seconds.toFixed(2)} s`);
    expect(seconds).toBeLessThan(1);
    await card().waitFor();
    expect(await card().innerText()).toMatch(/Your last video stopped after step \d+ of 20.*a red circle/s);
    expect(await page.locator('.stage progress, .stage .failure').count()).toBe(0);
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('a second video that is stopped does not take its place', { timeout: RUN_MS }, async () => {
    await page.getByLabel('Prompt', { exact: true }).fill('a blue ring');
    await expect.poll(() => makeButton().isEnabled(), { timeout: 20_000 }).toBe(true);
    await button('Generate').click();
    await untilStep(1);
    await makeButton().click();
    await expect.poll(() => card().innerText()).toMatch(/stopped after step \d+ of 20.*a blue ring/s);
    await card().getByRole('button', { name: 'Discard' }).click();
    await expect.poll(() => card().innerText()).toMatch(/stopped after step \d+ of 20.*a red circle/s);
  });

  test('by the loss of the GPU, it goes on', { timeout: RUN_MS }, async () => {
    await goOn();
    await untilStep(6);
    const devtools = await browser.newBrowserCDPSession();
    await devtools.send('Browser.crashGpuProcess').catch(() => {});
    const failure = page.locator('.stage .failure');
    await failure.waitFor({ timeout: 10_000 });
    expect(await failure.innerText()).toMatch(/The GPU was taken away.*Finished steps are kept/s);
    await card().waitFor();
    await goOn();
    await untilStep(8);
  });

  test('by a reload, it goes on, and the frames are those of the run that was not', { timeout: RUN_MS }, async () => {
    const asked: string[] = [];
    const ENCODER = /\/assets\/encode-.*\.js/;
    await page.route(ENCODER, (route) => {
      asked.push(route.request().url());
      return route.abort();
    });
    await page.reload();
    await card().waitFor({ timeout: 60_000 });
    const [, step] = /stopped after step (\d+) of 20/.exec(await card().innerText()) ?? [];
    expect(Number(step)).toBeGreaterThanOrEqual(8);
    await goOn();
    await expect.poll(() => asked.length, { timeout: 10_000, message: 'as soon as it begins' }).toBe(1);
    await page.locator('.clip-result').waitFor({ timeout: RUN_MS });
    await expect.poll(() => page.locator('.saves').count()).toBe(1);
    await page.getByText('What makes video files could not be loaded').waitFor();
    expect(asked.at(-1), 'not where a browser keeps that it failed').toMatch(/\.js\?again=1$/);
    await page.unroute(ENCODER);
    await button('Try again').click();
    await button('Save MP4').waitFor();
    expect(new Set(problems.splice(0))).toEqual(new Set(['Failed to load resource: net::ERR_FAILED']));
    const resumed = await shownFrames(page);
    expect(resumed.map((frame, i) => difference(frame, frames[i]!))).toEqual(frames.map(() => 0));
    expect(await card().count()).toBe(0);
    await page.locator('summary', { hasText: 'Where the time went' }).click();
    expect(await page.locator('.clip-result').innerText()).toMatch(/\d+ steps were done before it was interrupted/);
  });
});

test('Compare shows the video with its own size, frames and steps, and no ratio', async () => {
  await page.getByRole('link', { name: 'Compare this run' }).click();
  const pinned = page.locator('.all-rows .pinned');
  await pinned.waitFor();
  expect(await pinned.innerText()).toMatch(/wanscope-demo.*96×96, 17 frames · 20 steps/s);
  expect(await page.getByText('None of these rows did work that can be compared').count()).toBe(1);
  expect(await page.locator('.ratio').count()).toBe(0);
  const bar = page.locator('.chart .bar.own');
  for (const part of ['Denoise', 'Decode']) expect(await bar.textContent()).toContain(part);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Generate', exact: true }).click();
});

test('a live server is asked for the same video, and both play as one', async () => {
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  const panel = page.locator('.live');
  const said = await panel.locator('[name=clip] option').nth(1).innerText();
  expect(said).toBe(`The same as “${PROMPT}”, 96×96, 17 frames`);
  await panel.locator('[name=clip]').selectOption({ index: 1 });
  await panel.locator('[name=server]').fill(server.url);
  await panel.locator('[name=kind]').selectOption('vllm-omni'); // to find out takes a request that fails
  await panel.getByRole('button', { name: 'Make it there' }).click();
  await panel.getByRole('heading', { name: 'Both videos' }).waitFor();
  const form = server.asked.find(({ method }) => method === 'POST')!.body;
  for (const value of [PROMPT, '96x96', '17', '20']) expect(form).toContain(`\r\n\r\n${value}\r\n`);
  await panel.getByRole('slider').fill('0.5'); // of 17 frames, 24 a second
  await panel.getByRole('img', { name: 'Here: Frame 13 of 17' }).waitFor();
  expect(await panel.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime)).toBeCloseTo(0.5, 2);
  expect(await panel.locator('.chart .bar').count()).toBe(2);
  expect(await panel.innerText()).toMatch(/The model: wanscope-demo.* here, Wan-AI\/Wan2\.2-TI2V-5B-Diffusers there/);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Generate', exact: true }).click();
});

test('a model is put together from the weights here, and one that does not fit together says why', async () => {
  const folder = new URL('../../public/demo/', import.meta.url).pathname;
  await button('From your weights').click();
  const lacking = page.locator('.clip-form', {
    hasText: 'Still lacking: Transformer, Text encoder, Video VAE, Tokenizer.',
  });
  await lacking.waitFor();
  expect(await makeButton().isDisabled()).toBe(true);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('link', { name: 'Add weights' }).click();
  const files = ['text_encoder', 'transformer', 'vae'].map((name) => `${folder}${name}.safetensors`);
  await page.locator('input[name=files]').setInputFiles(files);
  await expect.poll(() => page.locator('.model', { hasText: 'Complete' }).count(), { timeout: 20_000 }).toBe(3);
  await page.getByRole('link', { name: 'Generate', exact: true }).click();
  await page.getByText('Still lacking: Tokenizer.').waitFor();
  await page.locator('input[name=tokenizer]').setInputFiles(`${folder}tokenizer.json`);
  // These networks' latents are not Wan2.2's: without the demo's description nothing can be made of them.
  await expect
    .poll(() => page.locator('.clip-form .failure').innerText(), { timeout: 20_000 })
    .toMatch(/could not be opened.*Choose files of one model.*Latent channels.*16 and 48/s);
  expect(await accessibilityProblems(page)).toEqual([]);
  await button('Demo').click();
  await expect.poll(() => makeButton().isEnabled(), { timeout: 20_000 }).toBe(true);
});

test('a LoRA of the weights here changes what is made, as strongly as wanted', { timeout: RUN_MS }, async () => {
  const lora = loraFile('original', [layerValues('blocks.0.self_attn.v.weight', [256, 256], 4, 1)]);
  const buffer = Buffer.from(await lora.read(0, lora.bytes));
  await page.getByRole('link', { name: 'Weights', exact: true }).click();
  await page.locator('input[name=files]').setInputFiles({ name: 'style.safetensors', mimeType: '', buffer });
  await page.locator('.model', { hasText: 'LoRA' }).waitFor();
  await page.getByRole('link', { name: 'Generate', exact: true }).click();
  // One small frame in one step: enough to see a difference.
  for (const summary of ['Another size', 'More']) await page.locator('summary', { hasText: summary }).click();
  for (const [name, value] of Object.entries({ width: 32, height: 32, frames: 1, steps: 1 }))
    await page.locator(`input[name=${name}]`).fill(String(value));
  const makeOne = async () => {
    await expect.poll(() => makeButton().isEnabled(), { timeout: 20_000 }).toBe(true);
    await makeButton().click();
    await button('Stop').waitFor(); // or what is read below is of the video before
    await expect.poll(() => makeButton().innerText(), { timeout: RUN_MS }).toBe('Generate');
    await page.locator('.saves').waitFor();
    return page.locator('.screen canvas').evaluate((canvas: HTMLCanvasElement) => {
      return [...canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data];
    });
  };
  const without = await makeOne();
  expect(without).toHaveLength(32 * 32 * 4);
  await page.locator('select[name=lora]').selectOption({ label: 'style.safetensors' });
  const strong = await makeOne();
  await page.getByLabel('Strength of style.safetensors').fill('0');
  const off = await makeOne();
  expect(difference(Uint8Array.from(strong), Uint8Array.from(without))).toBeGreaterThan(0.1);
  expect(difference(Uint8Array.from(off), Uint8Array.from(without))).toBeLessThan(0.1);
  expect(await accessibilityProblems(page)).toEqual([]);
  await button('Remove style.safetensors').click();
  await expect.poll(() => page.locator('.lora').count()).toBe(0);
  expect(problems).toEqual([]);
  await page.close();
});

test.for([
  ['en', 'light'],
  ['zh', 'dark'],
] as const)('on a phone nothing is cut, and axe finds nothing: %s, %s', async ([language, scheme]) => {
  const { page } = await openPage(browser, { view: 'generate', language, scheme, viewport: PHONE });
  await page.locator('.examples').waitFor({ timeout: 60_000 });
  for (const details of await page.locator('main summary').all()) await details.click();
  expect(await accessibilityProblems(page)).toEqual([]);
  expect(await sidewaysScroll(page)).toBeLessThanOrEqual(0);
  await page.close();
});
