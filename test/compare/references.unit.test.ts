import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cardName, cardOf } from '../../src/compare/card';
import { detailedRuns, representatives } from '../../src/compare/representatives';
import { workloadOf } from '../../src/compare/workload';
import { referenceFiles } from '../../tools/reference/reference_files';
import { referenceCards, referenceRun, referenceRuns } from './reference_runs';

test('the committed files are what the tool makes of the raw ones', async () => {
  for (const [path, made] of Object.entries(await referenceFiles())) expect(await readFile(path, 'utf8')).toBe(made);
});

describe('published runs', () => {
  test('are 44, each with its own name, its source, and how far its numbers can be trusted', () => {
    expect(referenceRuns).toHaveLength(44);
    expect(new Set(referenceRuns.map(({ id }) => id)).size).toBe(44);
    for (const { source, confidence, origin } of referenceRuns) {
      expect(source.url).toMatch(/^https:\/\//);
      expect([confidence, origin]).toEqual([expect.stringMatching(/^(high|medium|low)$/), 'published']);
    }
  });

  test('state a workload only where their source does', () => {
    const frames = (run: (typeof referenceRuns)[number]) => workloadOf(run.key)?.frames ?? null;
    expect(referenceRuns.filter((run) => frames(run) === 161)).toHaveLength(23);
    expect(referenceRuns.filter((run) => frames(run) === 361)).toHaveLength(1);
    expect(referenceRuns.filter((run) => frames(run) === null)).toHaveLength(20);
    const maker = referenceRuns.find(({ stages }) => stages.total?.seconds === 534.7)!;
    expect(maker.key).toMatchObject({ width: 1280, frames: null, steps: null, gpus: 1 });
    expect(maker.extra).toMatchObject({ frames: 121, frames_stated: false });
  });

  test('are contended where the card was shared', () => {
    const contended = referenceRuns.filter(({ contended }) => contended);
    expect(contended.map(({ source }) => /@(\w+)/.exec(source.text)?.[1])).toEqual(Array(4).fill('4ca4175'));
    expect(contended.every(({ confidence }) => confidence === 'low')).toBe(true);
  });

  test('for a sentence are one a card, of the reference workload, slowest first', () => {
    expect(detailedRuns(referenceRuns)).toHaveLength(8);
    expect(representatives(referenceRuns).map(({ id }) => id)).toEqual(['l40s-03', 'blackwell-03']);
    expect(representatives(referenceRuns).map(({ device }) => cardName(device.name))).toEqual([
      'L40S',
      'RTX PRO 6000 Blackwell',
    ]);
  });

  test('keep what claims about them are checked with', () => {
    expect(referenceRun('blackwell-03').extra.stages).toContainEqual(
      expect.objectContaining({ name: 'Step_0_Loading', duration: expect.any(Number) }),
    );
  });
});

describe('a card', () => {
  const named = (adapter: string) => cardOf(adapter, referenceCards)?.name ?? null;

  test('is found by what a driver or a browser calls it', () => {
    expect(named('NVIDIA GeForce RTX 4070')).toBe('NVIDIA GeForce RTX 4070');
    expect(named('NVIDIA GeForce RTX 3060 (NVK GA106)')).toBe('NVIDIA GeForce RTX 3060 12GB');
    expect(named('NVIDIA A100-SXM4-80GB')).toBe('NVIDIA A100 SXM4 80GB');
    expect(named('NVIDIA H100 80GB HBM3')).toBe('NVIDIA H100 SXM5 80GB');
    expect(named('NVIDIA H100 PCIe')).toBe('NVIDIA H100 PCIe');
    expect(named('AMD Radeon RX 7900 XTX (RADV NAVI31)')).toBe('AMD Radeon RX 7900 XTX');
    expect(named('AMD Radeon 8060S Graphics (RADV STRIX_HALO)')).toBe('AMD Strix Halo (Radeon 8060S, 40 CU)');
    expect(named('Apple M4')).toBe('Apple M4 (10-core GPU)');
    for (const { name } of referenceCards) expect(named(name)).toBe(name);
  });

  test('is not a sister of another speed, a generation, or software', () => {
    for (const other of [
      'NVIDIA GeForce RTX 4070 Laptop GPU',
      'NVIDIA GeForce RTX 4070 SUPER',
      'NVIDIA GeForce RTX 4070 Ti',
      'NVIDIA A100 80GB PCIe',
      'NVIDIA L40',
      'nvidia lovelace',
      'apple metal-3',
      'llvmpipe (LLVM 19.1.7, 256 bits)',
      '',
    ])
      expect([other, named(other)]).toEqual([other, null]);
  });

  test('has dense peaks in FLOPs a second', () => {
    const l40s = cardOf('NVIDIA L40S', referenceCards)!;
    expect(l40s).toMatchObject({ bf16FlopsPerSecond: 362.05e12, bytesPerSecond: 864e9, confidence: 'high' });
    expect(l40s.measured?.bf16FlopsPerSecond).toBe(269.2e12);
    expect(referenceCards).toHaveLength(26);
  });
});
