import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cardName, type ReferenceFile, representatives } from '../../src/compare/reference_row';
import { importSeedRun } from '../../src/compare/seed';
import { importSeedFiles } from './seed_files';

const here = new URL('.', import.meta.url);
const read = (name: string) => readFile(new URL(`seed-runs/${name}`, here), 'utf8');
const rows = await importSeedFiles(read);
const row = (id: string) => rows.find((each) => each.id === id)!;

test('the committed reference rows are what the importer makes of the raw files', async () => {
  const committed = JSON.parse(await readFile(new URL('../../public/reference/seed.json', here), 'utf8'));
  expect(committed).toEqual({ schema: 'wanscope-references', version: 1, rows } satisfies ReferenceFile);
});

describe('a raw run', () => {
  test('gives every stage and every step, v1 and v2 alike', () => {
    const v1 = row('l40s-03');
    expect(v1.stages.init.seconds).toBe(83.9121);
    expect(v1.stages.encode.seconds).toBe(44.759);
    expect(v1.stages.step.samples).toHaveLength(10);
    expect(v1.stages.step.samples[0]).toBe(12.7481);
    expect(v1.stages.step.seconds).toBeCloseTo(12.64, 2);
    expect(v1.stages.decode.seconds).toBeCloseTo(45.97, 2);
    expect(v1.wallSeconds).toBeCloseTo(324.0, 1);

    const v2 = row('l40s-v2-01');
    expect(v2.stages.step.samples).toHaveLength(5);
    expect(v2.stages.decode.seconds).toBeCloseTo(45.8, 1);
  });

  test('ran 161 frames at 1280×704, 36,080 tokens, also where its name says 480p', () => {
    for (const { key } of rows)
      expect([key.width, key.height, key.frames, key.tokens]).toEqual([1280, 704, 161, 36080]);
    expect(row('blackwell-01').caseName).toBe('01 Speed Preview 480p');
  });

  test('keeps the date, the settings and the memory in bytes whichever unit the file used', () => {
    expect(row('blackwell-03')).toMatchObject({ date: '2025-12-20T19:43:58', software: 'PyTorch 2.9.1+cu128' });
    expect(row('blackwell-03').settings.offloadBetweenStages).toBe(false);
    expect(row('blackwell-v2-03').settings.textEncoderOnCpu).toBe(false);
    expect(row('blackwell-03').peakMemoryBytes / 2 ** 30).toBeCloseTo(42.17, 2);
    expect(row('l40s-v2-01').peakMemoryBytes / 2 ** 30).toBeCloseTo(31.27, 2);
  });

  test('is marked contended when its steps differ by more than a fifth', () => {
    expect(rows.filter(({ contended }) => contended).map(({ id }) => id)).toEqual(['blackwell-v2-03']);
    expect(row('blackwell-v2-03').confidence).toBe('low');
  });

  test('is refused with the field that is wrong', () => {
    const source = { repository: 'a/b', commit: 'c', path: 'd.json' };
    expect(() => importSeedRun('x', source, { stages: [] })).toThrow(/d\.json: .*system_info/);
  });
});

test('the rows for a sentence are one uncontended run a card, slowest first', () => {
  expect(representatives(rows).map(({ id }) => id)).toEqual(['l40s-03', 'blackwell-03']);
  expect(representatives(rows).map(({ card }) => cardName(card))).toEqual(['L40S', 'RTX PRO 6000 Blackwell']);
});
