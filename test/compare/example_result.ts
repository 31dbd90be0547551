import type { BenchmarkResult, Figure, Kind } from '../../src/core/result';

/** A result whose numbers are easy to check by eye. Not a measurement of anything. */
export function exampleResult(changes: Partial<BenchmarkResult> = {}): BenchmarkResult {
  const key = {
    preset: '640x352x17',
    width: 640,
    height: 352,
    frames: 17,
    tokens: 1100,
    steps: 5,
    guidance: true,
    promptTokens: 512,
    activations: 'f32',
    weights: 'f16',
    offload: 'one-block',
    attention: 'flash',
    batch: 1,
  } as const;
  return {
    schema: 'wanscope-result',
    version: 2,
    id: 'example',
    name: '',
    createdAt: '2026-03-01T12:00:00.000Z',
    engineVersion: '0.1.0',
    mode: 'quick',
    machine: {
      adapter: 'Example GPU',
      vendor: 'example',
      architecture: 'first',
      driver: '1.2.3',
      backend: 'vulkan',
      software: false,
      tier: 'B',
      features: ['shader-f16', 'subgroups', 'timestamp-query'],
      limits: { maxBufferSize: 4294967296, maxComputeInvocationsPerWorkgroup: 1024 },
      runtime: 'Chrome 151',
      timestamps: true,
    },
    roofs: {
      fp32FlopsPerSecond: 20e12,
      f16FlopsPerSecond: 40e12,
      matrixFlopsPerSecond: null,
      bytesPerSecond: 400e9,
      uploadBytesPerSecond: 3e9,
    },
    key,
    stages: {
      init: figure('measured', 2),
      encode: figure('measured', 1),
      step: figure('measured', 2, [2.1, 2, 2, 1.9, 2]),
      decode: figure('measured', 6),
      total: figure('measured', 17),
    },
    projection: {
      key: { ...key, preset: '1280x704x161', width: 1280, height: 704, frames: 161, tokens: 36080, steps: 50 },
      stages: {
        init: figure('measured', 2),
        encode: figure('measured', 1),
        step: figure('sampled', 1264),
        decode: figure('derived', 229.85),
        total: figure('derived', 63430.85),
      },
    },
    checks: [],
    cases: [],
    timeline: [],
    memory: { limitBytes: null, samples: [] },
    kernels: [
      { kernel: 'matmul', calls: 600, seconds: 6, flops: 90e12, bytes: 600e9 },
      { kernel: 'attention', calls: 60, seconds: 3, flops: 15e12, bytes: 30e9 },
      { kernel: 'rms_norm', calls: 240, seconds: 1, flops: 0.01e12, bytes: 200e9 },
    ],
    counts: { gpuBusy: 0.97, dispatchesPerStep: 840, bytesMovedPerStep: 0, peakGpuBytes: 1.6e9 },
    remarks: [{ code: 'sampled', values: {} }],
    ...changes,
  };
}

export const figure = (kind: Kind, seconds: number, samples: number[] = []): Figure => ({ kind, seconds, samples });
