import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { compareRuns, rowAt } from '../../src/compare/compare_runs';
import { groupRuns } from '../../src/compare/group_runs';
import { IMPORT_LIMIT_BYTES, importRuns } from '../../src/compare/import_runs';
import { MOST_VALUES } from '../../src/compare/read_result';
import type { Run } from '../../src/core/run';
import { exampleResult, figure } from './example_result';
import { referenceRun, referenceRuns } from './reference_runs';

const from = { name: 'dropped', url: null };
const fixture = (name: string) => readFile(new URL(`import/${name}`, import.meta.url), 'utf8');

function runsOf(text: string, format: string): readonly Run[] {
  const read = importRuns(text, from);
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  expect(read.format).toBe(format);
  return read.runs;
}

function refusalOf(file: unknown) {
  const read = importRuns(typeof file === 'string' ? file : JSON.stringify(file), from);
  return read.ok ? null : read.refusal;
}

describe('raw files of the seed', async () => {
  const names = await readdir(new URL('seed-runs/', import.meta.url));
  const raw = await Promise.all(names.map((name) => readFile(new URL(`seed-runs/${name}`, import.meta.url), 'utf8')));
  const runs = raw.flatMap((text) => runsOf(text, 'wan22-enhanced'));
  const [contended = '', , , , , , , v2 = ''] = [...raw].sort((a, b) => b.length - a.length);

  test('all eight are read, v1 and v2 alike, at 161 frames whatever they are called', () => {
    expect(runs).toHaveLength(8);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(8);
    for (const { key, stages } of runs) {
      expect([key.width, key.height, key.frames, key.tokens]).toEqual([1280, 704, 161, 36080]);
      expect(stages.step!.samples).toHaveLength(key.steps!);
      for (const stage of ['init', 'encode', 'step', 'decode', 'total', 'wall'] as const)
        expect(stages[stage]!.seconds).toBeGreaterThan(0);
    }
    expect(v2).not.toBe('');
  });

  test('the contended one is flagged, and no other', () => {
    expect(runs.filter((run) => run.contended)).toEqual(runsOf(contended, 'wan22-enhanced').map((run) => run));
    expect(runsOf(contended, 'wan22-enhanced')[0]).toMatchObject({
      confidence: 'low',
      key: { textEncoderOn: 'gpu', offload: 'resident', steps: 50 },
    });
  });

  test('memory is in bytes whichever unit the file used, and the date is of the video', () => {
    const [l40s] = raw
      .filter((text) => text.includes('03_Performance') && text.includes('L40S'))
      .flatMap((text) => runsOf(text, 'wan22-enhanced'));
    expect(l40s).toMatchObject({
      date: '2025-12-21T16:18:56',
      software: 'PyTorch 2.9.1+cu128',
      name: '03 Performance Mode 720p',
    });
    expect(l40s!.peakMemoryBytes! / 2 ** 30).toBeCloseTo(31.27, 2);
    expect(l40s!.device.memoryBytes! / 2 ** 30).toBeCloseTo(44.52, 1);
    expect(runsOf(contended, 'wan22-enhanced')[0]!.peakMemoryBytes! / 2 ** 30).toBeCloseTo(52.76, 2);
  });

  test('both branches of guidance were computed, whatever the scale', () => {
    const file = JSON.parse(raw[0]!);
    for (const sample_guide_scale of [5, 1, 0]) {
      const [run] = runsOf(
        JSON.stringify({ ...file, config: { ...file.config, sample_guide_scale } }),
        'wan22-enhanced',
      );
      expect(run!.key.guidance).toBe(true);
    }
  });

  test('a video from a picture has its encoding, the others none', () => {
    expect(runs.map(({ stages }) => stages.image)).toEqual(Array(8).fill(null));
    const file = JSON.parse(v2);
    const stages = [...file.stages, { name: 'VAE_Encoding', duration: 1.25 }];
    const [run] = runsOf(JSON.stringify({ ...file, stages }), 'wan22-enhanced');
    expect(run!.stages.image).toEqual(figure('published', 1.25));
  });

  test('what a run has no place for stays', () => {
    expect(runs[0]!.extra).toMatchObject({
      config: { sample_solver: 'unipc', base_seed: 42 },
      total_duration: expect.any(Number),
    });
  });

  test('a field that is wrong is named with what was expected', () => {
    const file = JSON.parse(raw[0]!);
    expect(refusalOf({ ...file, total_duration: 'long' })).toMatchObject({
      path: 'total_duration',
      expected: 'number',
    });
    expect(refusalOf({ ...file, config: { ...file.config, sample_steps: 7 } })).toEqual({
      reason: 'field',
      path: 'config.sample_steps',
      expected: '5 (Step_k_Inference)',
      received: '7',
    });
    expect(refusalOf({ ...file, stages: [{ stage: 'T5_Encoding' }] })).toMatchObject({ path: 'stages.0' });
    expect(refusalOf({ ...file, config: { ...file.config, size: '720p' } })).toMatchObject({ path: 'config.size' });
  });
});

describe('vLLM-Omni', () => {
  test('a finished job tells stages by what comes after the first dot, and a step as its share', async () => {
    const [run] = runsOf(await fixture('vllm_video.json'), 'vllm-omni-video');
    expect(run!.key).toMatchObject({ model: 'wan22-5b', frames: 121, tokens: 27280, steps: 50, guidance: true });
    expect(run!.stages).toMatchObject({
      encode: figure('published', 0.5),
      image: figure('published', 0.25),
      step: figure('derived', 1.5),
      decode: figure('published', 6.5),
      total: figure('published', 84.5),
      init: null,
      wall: null,
    });
    expect(run).toMatchObject({ origin: 'imported', date: '2026-09-05T09:20:00.000Z', peakMemoryBytes: 33 * 2 ** 30 });
    expect(run!.extra).toMatchObject({ seconds: '5', stage_durations: { queue_wait_ms: 0.3 } });
  });

  test('a job is of vLLM-Omni where it is told as only that tells it', async () => {
    const { stage_durations, ...told } = JSON.parse(await fixture('vllm_video.json'));
    const softwareOf = (file: object) => {
      const [{ software, timingBoundary, stages } = {} as Run] = runsOf(JSON.stringify(file), 'vllm-omni-video');
      return [software, timingBoundary, stages.total?.seconds];
    };
    expect(softwareOf({ ...told, stage_durations })).toEqual(['vLLM-Omni', 'vllm-omni', 84.5]);
    expect(softwareOf({ ...told, stage_durations: {} })).toEqual(['vLLM-Omni', 'vllm-omni', 84.5]);
    expect(softwareOf(told)).toEqual(['OpenAI Videos API', null, 84.5]);
    const fastVideo = { ...told, media_type: 'video/mp4', file_path: '/out/a.mp4', stage_durations: {} };
    expect(softwareOf(fastVideo)).toEqual(['OpenAI Videos API', null, 84.5]);
  });

  test('a job that is not finished, or has a stage that took no number, is refused', async () => {
    const file = JSON.parse(await fixture('vllm_video.json'));
    expect(refusalOf({ ...file, status: 'queued' })).toMatchObject({
      path: 'status',
      expected: '"completed"',
      received: '"queued"',
    });
    expect(refusalOf({ ...file, stage_durations: { 'A.diffuse': -1 } })).toMatchObject({
      path: 'stage_durations.A.diffuse',
    });
  });

  test('a benchmark without its wish states no workload; a record has it beside', async () => {
    const [bare] = runsOf(await fixture('vllm_bench.json'), 'vllm-omni-bench');
    expect(bare!.key).toMatchObject({ model: 'wan22-5b', frames: null, steps: null });
    expect(bare!.stages).toMatchObject({
      step: null,
      decode: figure('published', 6.5),
      wall: figure('published', 89.5),
    });
    expect(compareRuns(bare!, referenceRun('l40s-03')).basis).toBe('none');

    const [record] = runsOf(await fixture('vllm_bench_records.json'), 'vllm-omni-bench');
    expect(record!.key).toMatchObject({ width: 832, height: 480, frames: 33, tokens: 3510, steps: 20 });
    expect(record!).toMatchObject({ device: { name: '1x A100-SXM4-80GB' }, peakMemoryBytes: null });
    expect(record!.stages.step).toEqual(figure('derived', 0.5));
  });

  test('a benchmark in which all requests failed is refused, and one in which some did is trusted less', async () => {
    const bare = JSON.parse(await fixture('vllm_bench.json'));
    expect(refusalOf({ ...bare, completed_requests: 0, latency_mean: 0 })).toMatchObject({
      path: 'completed_requests',
      expected: '>=1',
    });
    expect(refusalOf({ ...bare, latency_mean: 0 })).toMatchObject({ path: 'latency_mean' });
    const [some] = runsOf(JSON.stringify({ ...bare, failed_requests: 2, latency_median: 0 }), 'vllm-omni-bench');
    expect(some).toMatchObject({ confidence: 'low', stages: { wall: figure('published', 90) } });
    const [record] = JSON.parse(await fixture('vllm_bench_records.json'));
    const failed = { ...record, result: { ...record.result, completed_requests: 0, latency_mean: 0 } };
    expect(runsOf(JSON.stringify([failed, record]), 'vllm-omni-bench')).toHaveLength(1);
    expect(refusalOf([failed])).toMatchObject({ path: '0.result.completed_requests' });
  });

  test('a time of 0 is one that was not taken', async () => {
    const file = { ...JSON.parse(await fixture('vllm_video.json')), inference_time_s: 0 };
    expect(runsOf(JSON.stringify(file), 'vllm-omni-video')[0]!.stages.total).toEqual(figure('published', 83));
  });

  test('a benchmark of several requests at a time is contended, and has no stages', async () => {
    const [record] = JSON.parse(await fixture('vllm_bench_records.json'));
    const params = { ...record.benchmark_params, 'max-concurrency': 4 };
    const bare = { ...JSON.parse(await fixture('vllm_bench.json')), max_concurrency: 4 };
    for (const file of [{ ...record, benchmark_params: params }, bare]) {
      const [run] = runsOf(JSON.stringify(file), 'vllm-omni-bench');
      expect(run).toMatchObject({ contended: true, stages: { step: null, decode: null, wall: { kind: 'published' } } });
    }
    const alone = { ...bare, max_concurrency: 1 };
    expect(runsOf(JSON.stringify(alone), 'vllm-omni-bench')[0]!.contended).toBe(false);
  });
});

describe('SGLang', () => {
  test('a dump has every step, and nothing to compare its work by', async () => {
    const [run] = runsOf(await fixture('sglang_perf_dump.json'), 'sglang-perf-dump');
    expect(run!.stages).toMatchObject({
      encode: figure('published', 0.5),
      image: figure('published', 0.02),
      step: figure('published', 0.38, [0.45, 0.38, 0.37]),
      decode: figure('published', 1.7),
      total: figure('published', 4),
    });
    expect(run).toMatchObject({ peakMemoryBytes: 24 * 2 ** 30, software: 'SGLang abc123' });
    expect(run!.key).toMatchObject({ model: 'wan22-5b', steps: 3, frames: null, guidance: null });
    expect(compareRuns(run!, referenceRun('l40s-03')).basis).toBe('none');
  });

  test('of the baselines only the scenarios of this model are runs', async () => {
    const runs = runsOf(await fixture('sglang_baselines.json'), 'sglang-baselines');
    expect(runs.map(({ name }) => name)).toEqual(['wan2_2_ti2v_5b', 'fastwan2_2_ti2v_5b']);
    expect(runs[0]).toMatchObject({ device: { name: 'CI H100 80GB pool' }, date: '2026-04-15' });
    expect(runs[0]!.stages.step!.seconds).toBe(0.366);
    const none = { scenarios: { qwen_image_t2i: {} } };
    expect(refusalOf(none)).toMatchObject({ reason: 'field', path: 'scenarios' });
  });
});

describe('mstar', () => {
  test('rows have phases, at one request at a time; the clock says what it spans', async () => {
    const [alone, two, vllm] = runsOf(await fixture('mstar_rows.json'), 'mstar');
    expect(alone!.stages).toMatchObject({
      encode: figure('published', 0.09),
      step: figure('published', 0.35),
      decode: figure('published', 1.5),
      total: figure('published', 9.3),
      wall: figure('published', 9.4),
    });
    expect(alone!.key).toMatchObject({ width: 832, height: 480, frames: 33, tokens: 3510, steps: 20, weights: 'bf16' });
    expect(two).toMatchObject({ contended: true, stages: { step: null, wall: figure('published', 18.8) } });
    expect(vllm).toMatchObject({ contended: false, stages: { step: null, wall: figure('published', 9.4) } });
    expect(rowAt(compareRuns(alone!, vllm!), 'wall')).toMatchObject({ ratio: null, reason: 'boundary' });
  });

  test('the CSV tells the same, as far as it has columns', async () => {
    const json = runsOf(await fixture('mstar_rows.json'), 'mstar');
    const csv = runsOf(await fixture('mstar_rows.csv'), 'mstar');
    expect(csv.map(({ stages }) => stages)).toEqual(json.map(({ stages }) => ({ ...stages })));
    expect(csv[0]!.name).toBe('mstar, "c1"');
    const [head, first] = (await fixture('mstar_rows.csv')).split('\n');
    expect(refusalOf([head, first!.replace('832x480', 'wide')].join('\n'))).toMatchObject({ path: '0.size_wxh' });
  });
});

test.each([
  [5, true],
  [1, false],
  [0, false],
])('a server computes the other branch for a scale of %d: %s', async (guidance_scale, guidance) => {
  const video = { ...JSON.parse(await fixture('vllm_video.json')), guidance_scale };
  const [row] = JSON.parse(await fixture('mstar_rows.json'));
  const [ofVideo] = runsOf(JSON.stringify(video), 'vllm-omni-video');
  const [ofRow] = runsOf(JSON.stringify([{ ...row, guidance_scale }]), 'mstar');
  expect([ofVideo!.key.guidance, ofRow!.key.guidance]).toEqual([guidance, guidance]);
});

describe('own files', () => {
  test('one result comes with itself, a list with none', () => {
    const result = exampleResult();
    const one = importRuns(JSON.stringify(result), from);
    expect(one).toMatchObject({
      ok: true,
      format: 'wanscope-result',
      runs: [{ id: 'example', origin: 'own' }],
      result,
    });
    const list = importRuns(JSON.stringify([result, { ...result, id: 'second' }]), from);
    expect(list).toMatchObject({ runs: [{ id: 'example' }, { id: 'second' }], result: null });
    expect(refusalOf([result, { ...result, mode: 'slow' }])).toMatchObject({ path: '1.mode' });
    expect(refusalOf([])).toMatchObject({ reason: 'other-schema' });
  });

  const streamed = {
    ...{ schema: 'wanscope-streaming', version: 1, createdAt: '2026-03-01T10:00:00.000Z', engineVersion: '0.1.0' },
    ...{ machine: exampleResult().machine, preset: '832x480x33', tokens: 3510, activations: 'f32' },
    ...{ weights: 'synthetic bf16 from memory', residency: 'stream', memoryBytes: null as number | null },
    ...{ residentBytes: 0, streamedBytes: 8e9, peakGpuBytes: 7e8, loadSeconds: 2 },
    step: figure('measured', 3, [3, 3]),
    brought: { bytes: 8e9, bytesPerSecond: 4e9, exposedSeconds: 0.2, hiddenSeconds: 1.8 },
  };

  test('a streaming result is a step of the transformer alone, and a case with what it exposed', () => {
    const [run] = runsOf(JSON.stringify(streamed), 'wanscope-streaming');
    expect(run).toMatchObject({
      origin: 'own',
      key: { frames: 33, offload: 'stream', steps: null, promptTokens: 160, weights: 'bf16' },
      peakMemoryBytes: 7e8,
    });
    expect(run!.cases).toMatchObject([{ exposedSeconds: 0.2, hiddenSeconds: 1.8, streamedBytesPerStep: 8e9 }]);
    expect(run!.cases[0]!.key).toMatchObject({ promptTokens: 160, weights: 'bf16', offload: 'stream' });
    expect(refusalOf({ ...streamed, preset: 'large' })).toMatchObject({ path: 'preset' });
  });

  test('streaming results say how much stayed: unlike shares are no repeats of each other', () => {
    const within = (gibibytes: number, residentBytes: number, streamedBytes: number) => {
      const file = { ...streamed, memoryBytes: gibibytes * 2 ** 30, residentBytes, streamedBytes };
      return runsOf(JSON.stringify(file), 'wanscope-streaming')[0]!;
    };
    const [all] = runsOf(JSON.stringify(streamed), 'wanscope-streaming');
    const runs = [all!, within(6, 4e9, 4e9), within(8, 6e9, 2e9), within(8, 6e9, 2e9), within(16, 8e9, 0)];
    expect(runs.map(({ key }) => key.offload)).toEqual(['stream', 'partial', 'partial', 'partial', 'resident']);
    const groups = groupRuns(runs);
    expect(groups.map(({ cases }) => cases.map((each) => each.runs.length))).toEqual([[1], [1], [2], [1]]);
    expect(groups[1]!.name).toMatch(/\(partial, 6.GiB\)$/);
    expect(groups[2]!.name).toMatch(/\(partial, 8.GiB\)$/);
  });

  test('streaming results name made-up weights as results do, and a checkpoint by its files', () => {
    const weightsOf = (weights: string) =>
      runsOf(JSON.stringify({ ...streamed, weights }), 'wanscope-streaming')[0]!.key.weights;
    expect(weightsOf('synthetic bf16 from memory, linear layers as q8_0')).toBe('bf16 as q8_0');
    expect(weightsOf('synthetic q8_0 from memory, linear layers as q8_0')).toBe('q8_0');
    expect(weightsOf('Wan2.2-Q4_K.gguf')).toBe('Wan2.2-Q4_K.gguf');
  });

  test('the published runs come back as they are, and no script in an address', async () => {
    const text = await readFile('public/reference/runs.json', 'utf8');
    expect(runsOf(text, 'wanscope-references')).toEqual(referenceRuns);
    const file = JSON.parse(text);
    const report = { ...file, schema: 'wanscope-report', version: 1, findings: [], claims: [] };
    expect(runsOf(JSON.stringify(report), 'wanscope-report')).toEqual(referenceRuns);
    const [first] = file.runs;
    for (const url of ['javascript:alert(1)', 'http://example.org/', 'data:text/html,x'])
      expect(refusalOf({ ...file, runs: [{ ...first, source: { text: '', url } }] })).toMatchObject({
        path: 'runs.0.source.url',
      });
    expect(refusalOf({ ...file, version: 1 })).toMatchObject({ path: 'version', expected: '2' });
  });
});

describe('a file that is none of these', () => {
  test('is refused by what it is', () => {
    expect(refusalOf('seconds: 12')).toEqual({ reason: 'not-json' });
    expect(refusalOf({ schema: 'other' })).toEqual({ reason: 'other-schema', found: 'other' });
    expect(refusalOf('null')).toMatchObject({ reason: 'other-schema' });
    expect(refusalOf('x'.repeat(IMPORT_LIMIT_BYTES + 1))).toMatchObject({ reason: 'too-large' });
    const more = Array.from({ length: MOST_VALUES }, () => 0);
    expect(refusalOf({ ...exampleResult(), more })).toMatchObject({ reason: 'too-many-values', limit: MOST_VALUES });
    const [many, limit] = [150_005, 150_000];
    const report = { schema: 'wanscope-report', version: 1, runs: [], more: Array(limit).fill(0) };
    expect(refusalOf(report)).toEqual({ reason: 'too-many-values', values: many, limit });
  });

  test('never throws, whatever is put where', async () => {
    const names = await readdir(new URL('import/', import.meta.url));
    const odd = [
      null,
      [],
      {},
      '',
      'NaN',
      1e308,
      -1,
      true,
      '<img src=x onerror=alert(1)>',
      JSON.parse('{"__proto__":{"a":1}}'),
    ];
    for (const name of names.filter((each) => each.endsWith('.json'))) {
      const file = JSON.parse(await fixture(name));
      const object = Array.isArray(file) ? file[0] : file;
      for (const field of Object.keys(object))
        for (const value of odd) {
          const read = importRuns(JSON.stringify({ ...object, [field]: value }), from);
          if (!read.ok) expect(read.refusal.reason).toMatch(/^(field|other-schema|not-json|too-deep)$/);
          else
            for (const { stages } of read.runs)
              for (const each of Object.values(stages)) if (each) expect(each.seconds).toBeGreaterThanOrEqual(0);
        }
    }
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});
