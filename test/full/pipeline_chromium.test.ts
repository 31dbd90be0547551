/** The whole pipeline in a worker of Chromium, on SwiftShader: the golden files' clips, however they are interrupted. */
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readGolden } from '../../src/pipeline/golden';
import type { ClipRun } from '../browser/pipeline_page/clips';
import type {} from '../browser/pipeline_page/main';
import { openBrowser } from '../support/browser';
import { goldenFile } from '../support/golden_file';
import { relL2 } from '../support/gpu';
import { type ServedPage, servePage } from '../support/serve_page';

let served: ServedPage;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  served = await servePage('pipeline_page');
  browser = await openBrowser();
  page = await browser.newPage();
  await page.goto(served.url);
  await page.waitForFunction('globalThis.clips');
  expect(await page.evaluate(() => clips.adapter())).toMatch(/swiftshader/i);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

type Mode = 't2v' | 'i2v';

const make = (mode: Mode, run: ClipRun) => page.evaluate(([mode, run]) => clips.make(mode, run), [mode, run] as const);

/** Of the resident networks. The streamed ones must give the same bit for bit, whatever interrupts them. */
const frames = new Map<Mode, Float32Array>();

/** How many values are others than the resident networks'. What `toEqual` says of so many would take minutes. */
const differing = (mode: Mode, found: Float32Array): number => {
  const expected = frames.get(mode)!;
  expect(found.length).toBe(expected.length);
  return found.reduce((count, value, i) => count + (Object.is(value, expected[i]) ? 0 : 1), 0);
};

describe.for([
  { mode: 't2v', steps: [1, 2, 3, 4, 5, 6], begin: ['encode', 'denoise'] },
  { mode: 'i2v', steps: [1, 2, 3, 4], begin: ['encode', 'image', 'denoise'] },
] as const)('$mode', ({ mode, steps, begin }) => {
  test('the published frames, with the weights resident', async () => {
    const made = await make(mode, { residency: 'resident' });
    expect(made).toMatchObject({ code: null, stages: [...begin, 'decode'], steps, gpuBytes: 0 });
    const { outputs, rtol } = await readGolden(goldenFile(`tiny-pipeline-${mode}`));
    const far = relL2(made.frames, outputs.get('out.frames')!);
    console.log(`${mode}: ${far.toExponential(2)} from PyTorch's frames, of ${rtol}`);
    expect(far).toBeLessThan(rtol);
    frames.set(mode, made.frames);
  });

  test('the same frames, with the weights streamed and the run stopped after each step', async () => {
    for (const step of steps)
      expect(await make(mode, { residency: 'stream', resume: step > 1, stopAfter: step })).toMatchObject({
        code: 'cancelled',
        stages: step > 1 ? ['encode', 'denoise'] : begin,
        steps: [step],
        gpuBytes: 0,
      });
    const last = await make(mode, { residency: 'stream', resume: true });
    expect(last).toMatchObject({ code: null, stages: ['decode'], steps: [], gpuBytes: 0 });
    expect(differing(mode, last.frames)).toBe(0);
  });
});

test('the same frames, where the device is destroyed and another goes on after the last step', async () => {
  const lost = await make('i2v', { residency: 'stream', loseAfter: 2 });
  expect(lost).toMatchObject({ code: 'device-lost', steps: [1, 2], gpuBytes: 0 });
  expect(lost.stages.at(-1)).toBe('denoise');
  const rest = await make('i2v', { residency: 'stream', resume: true });
  expect(rest).toMatchObject({ code: null, stages: ['encode', 'denoise', 'decode'], steps: [3, 4], gpuBytes: 0 });
  expect(differing('i2v', rest.frames)).toBe(0);
});
