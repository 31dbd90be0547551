/** One drawing of every chart, and the data that charts find hard. Numbers are easy to check by eye, and measurements of nothing. */
import type {
  MemoryOverTime,
  RatioDots,
  Roofline,
  RunTimeline,
  SampleDots,
  StepStrip,
} from '../../src/app/charts/chart_inputs';
import type { BarRow } from '../../src/app/charts/stage_bars_layout';
import type { Span } from '../../src/core/result';
import { exampleResult, figure } from '../compare/example_result';

type Input<Chart> = Omit<Chart, 'width'>;

export const bars: readonly BarRow[] = [
  {
    id: 'own',
    label: 'This GPU',
    notes: ['Example GPU'],
    own: true,
    parts: [
      { stage: 'encode', figure: figure('measured', 21) },
      { stage: 'denoise', figure: figure('sampled', 190) },
      { stage: 'decode', figure: figure('derived', 52) },
    ],
  },
  {
    id: 'a',
    label: 'RTX PRO 6000 Blackwell',
    notes: ['published', '3 May 2026'],
    own: false,
    parts: [{ stage: 'denoise', figure: figure('published', 69) }],
    missing: ['encode', 'decode'],
  },
  {
    id: 'b',
    label: 'RTX 4090',
    notes: ['published'],
    own: false,
    parts: [{ stage: 'total', figure: figure('published', 540) }],
  },
];

export const ratios: Input<RatioDots> = {
  rows: [
    { id: 'l40s', label: 'L40S', ratio: 100, low: 91, high: 112, kind: 'published', basis: 'same work' },
    {
      id: 'h200',
      label: 'H200, 8 cards, sequence parallel over NVLink, vLLM-Omni',
      ratio: 1450,
      low: null,
      high: null,
      kind: 'derived',
      basis: 'scaled 0.71×, from 121 to 161 frames',
    },
    { id: 'mine', label: 'Old laptop', ratio: 0.31, low: 0.3, high: 0.33, kind: 'measured', basis: 'same work' },
    { id: 'near', label: 'RTX 4070', ratio: 1.4, low: 1.1, high: 1.6, kind: 'sampled', basis: 'own projection' },
    { id: 'x', label: 'Cloud server', ratio: null, low: null, high: null, kind: 'published', basis: 'size not known' },
  ],
};

const { kernels, roofs } = exampleResult();
export const roof: Input<Roofline> = {
  kernels: [
    ...kernels,
    { kernel: 'conv', calls: 40, seconds: 0.8, flops: 9e12, bytes: 20e9 },
    { kernel: 'softmax', calls: 40, seconds: 0.4, flops: 0.02e12, bytes: 60e9 },
    { kernel: 'gather', calls: 2, seconds: 0.1, flops: 0, bytes: 1e9 },
    { kernel: 'rms_rope', calls: 240, seconds: 0.9, flops: 0.012e12, bytes: 190e9 },
  ],
  roofs,
  sheets: [{ label: 'RTX 4070, tensor cores', flopsPerSecond: 117e12, bytesPerSecond: 504e9 }],
};

const span = (lane: Span['lane'], fromSeconds: number, toSeconds: number, label = ''): Span => ({
  lane,
  fromSeconds,
  toSeconds,
  label,
});

export const timeline: Input<RunTimeline> = {
  spans: [
    span('fetch', 0, 12, 'text_encoder'),
    span('upload', 3, 13),
    span('encode', 14, 21),
    ...Array.from({ length: 10 }, (_, i) => span('denoise', 22 + 8 * i, 29.6 + 8 * i, `step ${i + 1}`)),
    span('upload', 22, 30),
    span('decode', 104, 110, 'chunk 1'),
    span('decode', 110, 117, 'chunk 2'),
  ],
  seconds: 120,
};

const wave = <Item>(length: number, at: (i: number) => Item): Item[] => Array.from({ length }, (_, i) => at(i));

export const steps: Input<StepStrip> = {
  step: {
    ...figure(
      'measured',
      2,
      wave(12, (i) => 2 + 0.035 * i + 0.03 * Math.sin(3 * i)),
    ),
    warmUp: [9.5],
  },
};

export const memory: Input<MemoryOverTime> = {
  samples: wave(16, (i) => ({ atSeconds: 7 * i, bytes: (i < 5 ? i : i < 12 ? 6 + (i % 3) * 0.1 : 2) * 2 ** 30 })),
  limitBytes: 8 * 2 ** 30,
};

export const samples: Input<SampleDots> = {
  rows: [
    { id: 'encode', label: 'Text', figure: figure('measured', 1, [1, 1.02, 0.99, 1.001, 1.003]) },
    {
      id: 'step',
      label: 'One guided step',
      figure: figure(
        'sampled',
        2,
        wave(9, (i) => 2 + 0.02 * Math.sin(i)),
      ),
    },
    { id: 'decode', label: 'Decode', figure: figure('measured', 6, [6, 6.31, 5.9]) },
    { id: 'total', label: 'Whole run', figure: figure('derived', 70) },
  ],
};

/** The same charts with nothing, one thing, no numbers, and far too much. */
export const hard = {
  ratios: [
    { rows: [] },
    { rows: [{ ...ratios.rows[0]!, ratio: Number.NaN, low: Number.NaN, high: 0 }] },
    { rows: [{ ...ratios.rows[0]!, ratio: 1, low: 1, high: 1 }] },
    { rows: [ratios.rows[0]!, { ...ratios.rows[0]!, ratio: 1e9 }, { ...ratios.rows[0]!, ratio: 1e-6 }] },
  ],
  roof: [
    { ...roof, kernels: [] },
    { ...roof, kernels: [{ ...kernels[0]!, seconds: Number.NaN }] },
    { ...roof, kernels: [{ ...kernels[0]!, bytes: 0 }] },
    { ...roof, kernels: kernels.slice(0, 1), sheets: [] },
    { ...roof, roofs: { ...roofs, bytesPerSecond: 0 } },
    {
      ...roof,
      roofs: { ...roofs, matrixFlopsPerSecond: 41e12 },
      kernels: wave(24, (i) => ({
        kernel: `matmul_with_a_long_name_${i}`,
        calls: 1,
        seconds: 1 + i,
        flops: 10 ** (i / 2),
        bytes: 1e9,
      })),
    },
  ],
  timeline: [
    { spans: [], seconds: 3 },
    { spans: [span('decode', 2, 1), span('fetch', Number.NaN, 1)], seconds: Number.NaN },
    { spans: [span('decode', 0, 1e-4)], seconds: null },
    {
      spans: wave(60, (i) => span('denoise', i * 1000, i * 1000 + (i % 2 ? 0.001 : 900), `step ${i}`)),
      seconds: null,
    },
  ],
  steps: [
    { step: figure('measured', Number.NaN) },
    { step: figure('measured', 2, [2]) },
    { step: { ...figure('measured', 2, [2, Number.NaN, 3]), warmUp: [2, 2, 2, 2] } },
    {
      step: figure(
        'measured',
        2,
        wave(90, (i) => (i === 7 ? 5000 : 0.001)),
      ),
    },
  ],
  memory: [
    { samples: [], limitBytes: 5 },
    { samples: [{ atSeconds: 0, bytes: 0 }], limitBytes: null },
    { samples: [{ atSeconds: 1, bytes: Number.NaN }], limitBytes: Number.NaN },
    { samples: memory.samples, limitBytes: 80 * 2 ** 30 },
    { samples: memory.samples, limitBytes: 6.2 * 2 ** 30 },
    { samples: memory.samples, limitBytes: 3 * 2 ** 30 },
  ],
  samples: [
    { rows: [] },
    { rows: [{ id: 'a', label: 'a', figure: figure('measured', 1) }] },
    {
      rows: [{ id: 'a', label: 'A very long name of a stage that was timed once', figure: figure('measured', 1, [1]) }],
    },
    { rows: [{ id: 'a', label: 'a', figure: figure('measured', 1, [1, 1, 1, 1, 1, 1, 1, 1, 900]) }] },
    { rows: [{ id: 'a', label: 'a', figure: figure('measured', 1, [Number.NaN, 0, 2, 2]) }] },
  ],
  bars: [
    [],
    [{ ...bars[0]!, parts: [{ stage: 'denoise' as const, figure: figure('measured', Number.NaN) }] }],
    [{ ...bars[0]!, parts: [], missing: ['encode' as const, 'denoise' as const, 'decode' as const] }],
    [bars[0]!, { ...bars[2]!, parts: [{ stage: 'total' as const, figure: figure('published', 1e6) }] }],
    [{ ...bars[0]!, parts: null }],
  ],
};
