import { describe, expect, test } from 'vitest';
import { peerCases, scaled } from '../../bench/peers/cases';
import { peerChart } from '../../bench/peers/chart';
import { type PeerTimes, rateOf, ratioTo, shareOfRoof } from '../../bench/peers/measure';
import type { PeerResult } from '../../bench/peers/peer_result';
import { sampledReference } from '../../bench/peers/reference';
import { peerSection, withPeers } from '../../bench/peers/table';
import { decoded, permute, quantised, workFlops } from '../../bench/peers/work';

const times = (title: string, peers: Partial<Record<string, number[]>>, leftOut = {}): PeerTimes => ({
  kernel: 'matrix product',
  title,
  type: 'f32',
  flop: 4e9,
  roofFlopsPerSecond: [8e9, 8e9, 8e9],
  engines: Object.fromEntries(
    Object.entries(peers).map(([name, seconds]) => [name, { relL2: 0, calls: 1, seconds: seconds! }]),
  ),
  leftOut,
});

const result = (adapter: string, cases: readonly PeerTimes[], software = true): PeerResult => ({
  format: 'wanscope-peers/1',
  adapter,
  commit: 'abcdef0',
  date: '2026-11-26',
  rounds: 3,
  load: 0.5,
  versions: { ours: '0.1.0', ort: '1.30.0', tfjs: '4.22.0' },
  machine: {
    adapter: `${adapter} 1`,
    vendor: '',
    architecture: '',
    driver: '',
    backend: 'vulkan',
    software,
    tier: 'C',
    features: [],
    limits: {},
    runtime: 'Node 20',
    timestamps: false,
  },
  roofs: {
    fp32FlopsPerSecond: 8e9,
    f16FlopsPerSecond: null,
    matrixFlopsPerSecond: null,
    bytesPerSecond: 1e9,
    uploadBytesPerSecond: 1e9,
  },
  cases,
});

describe('a ratio', () => {
  test('is of times within a round, then the median', () => {
    // The machine was slow in round two: both were.
    const measured = times('a', { ours: [1, 10, 2], ort: [3, 20, 8] });
    expect(ratioTo(measured, 'ort')).toEqual({ median: 3, low: 2, high: 4 });
    expect(rateOf(measured, 'ours')).toBe(2e9);
  });

  test('to the roof is of the same round, too', () => {
    const measured = { ...times('a', { ours: [1, 4, 2] }), roofFlopsPerSecond: [8e9, 2e9, 5e9] };
    expect(shareOfRoof(measured, null)).toBe(0.5);
    expect(shareOfRoof(measured, 4e9)).toBe(0.5);
    expect(shareOfRoof(times('a', {}), null)).toBeNull();
  });

  test('is none without a peer, or with a time that is no number', () => {
    expect(ratioTo(times('a', { ours: [1] }), 'ort')).toBeNull();
    expect(ratioTo(times('a', { ours: [1, 1], ort: [1, Number.NaN] }), 'ort')).toBeNull();
    expect(ratioTo(times('a', { ours: [1, 1], ort: [1] }), 'ort')).toEqual({ median: 1, low: 1, high: 1 });
    expect(ratioTo(times('a', { ours: [], ort: [] }), 'ort')).toBeNull();
  });
});

describe('the section', () => {
  const one = result('llvmpipe', [
    times('16×8×8, f32', { ours: [1, 1, 1], ort: [3, 3.04, 4], naive: [25, 25, 25] }),
    times('64×8×8, f32', { ours: [1] }, { tfjs: 'wrong: its relative error is 0.5, allowed is 0.0001' }),
  ]);
  const other = result('swiftshader', [times('16×8×8, f32', { ours: [4, 4], ort: [2, 2] })]);

  test('has a row a shape, with both adapters beside each other, and names who was left out', () => {
    const lines = peerSection([one, other]).split('\n');
    expect(lines).toContain('| matrix product | 16×8×8, f32 | 4.0 (50 %) | 3.0 | – | 25 | 1.0 (13 %) | 0.50 | – | – |');
    expect(lines).toContain('| matrix product | 64×8×8, f32 | 4.0 (50 %) | – | left out | – | – | – | – | – |');
    expect(lines).toContain('- llvmpipe, 64×8×8, f32: tfjs wrong: its relative error is 0.5, allowed is 0.0001.');
  });

  test('gives a GPU a table of its own', () => {
    const section = peerSection([one, result('hardware', [times('big, f32', { ours: [1] })], false)]);
    expect(section).toContain('(peers-software.svg)');
    expect(section).toContain('(peers-hardware.svg)');
    expect(section.match(/^\| --- /gm)).toHaveLength(2);
  });

  test('stands between its markers, and twice the same', () => {
    const page = 'before\n<!-- Written by npm run peers. -->\nold\n<!-- End of what npm run peers wrote. -->\nafter\n';
    const written = withPeers(page, [one]);
    expect(written).not.toContain('old');
    expect(written.startsWith('before\n')).toBe(true);
    expect(written.endsWith('-->\nafter\n')).toBe(true);
    expect(withPeers(written, [one])).toBe(written);
    expect(() => withPeers('nothing', [one])).toThrow('needs the lines');
  });

  test('has a chart with a mark for each ratio', () => {
    const chart = peerChart([one, other]);
    expect(chart.match(/<title>/g)).toHaveLength(3);
    expect(chart).toContain('Ours is faster than ORT in 1 of 2, tfjs in 0 of 0, naive in 1 of 1 shapes');
    expect(chart).not.toMatch(/NaN|Infinity|undefined/);
  });
});

describe('the shapes', () => {
  test('are the model’s own on a GPU', () => {
    expect(scaled(false, 3510, 3072, 14336)).toEqual({ rows: 3510, columns: 3072, depth: 14336 });
    expect(new Set(peerCases(false, ['f32', 'f16']).map(({ title }) => title)).size).toBe(
      peerCases(false, ['f32', 'f16']).length,
    );
  });

  test('are small on software adapters, and say of what', () => {
    expect(scaled(true, 64, 3072, 3072)).toEqual({ rows: 64, columns: 768, depth: 768, of: '64×3072×3072' });
    for (const rows of [16, 64, 320, 1100, 3510]) {
      const { columns, depth } = scaled(true, rows, 3072, 14336);
      expect(2 * rows * columns * depth).toBeLessThanOrEqual(0.15e9);
      expect([columns % 16, depth % 16]).toEqual([0, 0]);
    }
  });
});

describe('operands', () => {
  test('in blocks decode to whole multiples of their factors', () => {
    for (const [type, most] of [
      ['q8_0', 128],
      ['q4_0', 8],
    ] as const) {
      const weight = quantised(type, 256, 3);
      const whole = Array.from(decoded(weight), (value, i) => value / weight.scales[Math.floor(i / 32)]!);
      expect(whole.every((value) => Number.isInteger(value) && value >= -most && value < most)).toBe(true);
      expect(new Set(whole).size).toBeGreaterThan(10);
    }
  });

  test('change places when dimensions do', () => {
    expect([...permute([0, 1, 2, 3, 4, 5], [2, 3], [1, 0])]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...permute([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2], [2, 0, 1])]).toEqual([0, 2, 4, 6, 1, 3, 5, 7]);
  });

  test('have a reference at the first and the last element', () => {
    const work = {
      kind: 'product',
      type: 'f32',
      rows: 20,
      columns: 10,
      depth: 2,
      left: Float32Array.from({ length: 40 }, (_, i) => i),
      weight: Float32Array.from({ length: 20 }, (_, i) => -i),
    } as const;
    const { positions, values } = sampledReference(work);
    expect([positions[0], values[0]]).toEqual([0, -1]);
    expect([positions.at(-1), values.at(-1)]).toEqual([199, -(38 * 18 + 39 * 19)]);
    expect(workFlops(work)).toBe(800);
  });
});
