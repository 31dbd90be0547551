/** The Videos API against a server on this machine that speaks it, well and badly. */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../../src/core/errors';
import type { Run } from '../../src/core/run';
import { generateOn } from '../../src/servers/generate_on';
import type { Server, ServerProgress, ServerRunOptions } from '../../src/servers/server';
import { CIRCLE, type Fault } from '../support/servers/http_fixture';
import { startVideoServer, type VideoServer } from '../support/servers/openai_videos';
import { QUICK, WISH } from '../support/servers/wish';

let server: VideoServer;
beforeAll(async () => {
  server = await startVideoServer();
});
beforeEach(() => {
  Object.assign(server, {
    kind: 'vllm-omni',
    questions: 4,
    latencyMs: 0,
    error: null,
    profiled: true,
    token: null,
    alias: null,
    queueWaitMs: 0.266,
  });
  for (const list of [server.asked, server.faults, server.deleted]) list.length = 0;
  server.jobs.clear();
});
afterAll(() => server.close());

const at = (kind: VideoServer['kind'] = 'vllm-omni', more: Partial<Server> = {}): Server => {
  server.kind = kind;
  return { kind, url: server.url, token: null, card: null, ...more };
};
const run = (options: ServerRunOptions = {}, to = at(), wish = WISH) =>
  generateOn(to, wish, { ...options, patience: { ...QUICK, ...options.patience } });
const failure = async (options: ServerRunOptions = {}, to = at()): Promise<AppError> => {
  const error = await run(options, to).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error;
};
const fault = (where: string, ...faults: Fault[]) => {
  for (const each of faults) server.faults.push({ at: where, fault: each });
};
const count = (begin: string) =>
  server.asked.filter(({ method, path }) => `${method} ${path}`.startsWith(begin)).length;

describe('a job', () => {
  test('of vLLM-Omni is sent as a form with every setting, and gives stages, memory and the video', async () => {
    server.latencyMs = 5;
    const seen: ServerProgress[] = [];
    const { run: row, video } = await run(
      { onProgress: (progress) => seen.push(progress) },
      at('vllm-omni', { card: 'L40S' }),
    );
    const request = server.asked.find(({ method }) => method === 'POST');
    expect(request!.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    for (const [name, value] of [
      ...[
        ['prompt', WISH.prompt.replace('\n', '\r\n')],
        ['negative_prompt', '色调艳丽'],
        ['size', '96x64'],
      ],
      ...[
        ['num_frames', '17'],
        ['fps', '24'],
        ['flow_shift', '5'],
        ['num_inference_steps', '4'],
      ],
      ...[
        ['guidance_scale', '5'],
        ['seed', '42'],
      ],
    ])
      expect(request!.body).toContain(`name="${name}"\r\n\r\n${value}\r\n`);
    expect(new Uint8Array(await video!.arrayBuffer())).toEqual(CIRCLE);
    expect(video!.type).toBe('video/mp4');
    expect(row).toMatchObject({ origin: 'server', device: { name: 'L40S' }, software: 'vLLM-Omni' });
    expect(row.key).toMatchObject({
      width: 96,
      height: 64,
      frames: 17,
      tokens: 30,
      steps: 4,
      guidance: true,
      batch: 1,
    });
    expect(row.key).toMatchObject({ model: 'wan22-5b', decoder: 'vae', weights: null, gpus: null });
    expect(row.stages).toMatchObject({
      init: null,
      encode: { kind: 'published', seconds: 0.5 },
      image: null,
      step: { kind: 'derived', seconds: 1.5 },
      decode: { kind: 'published', seconds: 2 },
      total: { kind: 'published', seconds: 9.5 },
      wall: { kind: 'measured' },
    });
    expect(row.stages.wall!.seconds).toBeGreaterThan(0.02);
    expect(row.peakMemoryBytes).toBe(24_576.5 * 2 ** 20);
    expect(row.timingBoundary).toMatch(/question that found it completed/);
    const codes = row.remarks.map(({ code }) => code);
    expect(codes).toEqual(['other-noise', 'not-taken', 'poll-bias']);
    const bias = row.remarks.find(({ code }) => code === 'poll-bias')!.values as { seconds: number };
    expect(bias.seconds).toBeGreaterThanOrEqual(0.002);
    expect(bias.seconds).toBeLessThanOrEqual(0.005);
    expect(row.extra).toMatchObject({ status: 'completed', stage_durations: { queue_wait_ms: 0.266 } });
    const activities = new Set(seen.map(({ activity }) => activity));
    expect([...activities]).toEqual(['asking', 'queued', 'working', 'fetching']);
    expect(seen.some(({ done, total }) => done > 0 && total === 100)).toBe(true);
    expect(server.deleted).toEqual([row.id.replace('server-', '')]);
  });

  test.each(['sglang', 'fastvideo'] as const)('of %s is sent as JSON and tells no stages', async (kind) => {
    const { run: row } = await run({}, at(kind), { ...WISH, schedule: 'turbo', decoder: 'tiny', hasImage: true });
    const request = server.asked.find(({ method }) => method === 'POST');
    expect(request!.headers['content-type']).toBe('application/json');
    const sent = JSON.parse(request!.body);
    expect(sent).toMatchObject({
      prompt: WISH.prompt,
      size: '96x64',
      num_frames: 17,
      num_inference_steps: 4,
      seed: 42,
    });
    expect(sent.generator_device).toBe(kind === 'sglang' ? 'cpu' : undefined);
    expect(row.stages).toMatchObject({ encode: null, step: null, decode: null, total: { seconds: 9.5 } });
    expect(row.peakMemoryBytes).toBe(20 * 2 ** 30);
    const values = Object.fromEntries(row.remarks.map((remark) => [remark.code, remark.values]));
    expect(values['not-taken']).toEqual({ settings: ['solver', 'schedule', 'decoder', 'image'] });
    expect(values['perhaps-ignored']).toEqual({ settings: ['shift'] });
    expect(values['no-stage-times']).toEqual({});
  });

  test.each(['vllm-omni', 'sglang', 'fastvideo'] as const)('of %s is of the model that is served', async (kind) => {
    const modelOf = async () => {
      const { key, extra } = (await run({}, at(kind))).run;
      return [key.model, extra.model];
    };
    expect(await modelOf()).toEqual(['wan22-5b', server.model]);
    server.alias = 'wan';
    expect(await modelOf()).toEqual(['wan22-5b', server.model]);
    fault('GET /v1/models', { status: 404 });
    expect(await modelOf()).toEqual(kind === 'sglang' ? [null, null] : ['wan22-5b', server.model]);
  });

  test('that waited behind others has the wait told, and not in its times', async () => {
    server.queueWaitMs = 1500;
    let leapMs = 0;
    const read = performance.now.bind(performance);
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => read() + leapMs);
    onTestFinished(() => clock.mockRestore());
    /** The clock goes on by ten seconds once. */
    const later = (moment: string) => {
      let has = false;
      const onProgress = ({ activity }: ServerProgress) => {
        if (activity !== moment || has) return;
        has = true;
        leapMs += 10_000;
      };
      return { onProgress };
    };
    const wait = ({ remarks }: Run) => remarks.find(({ code }) => code === 'queued')?.values as { seconds: number };
    // vLLM-Omni says so itself; its job is in progress meanwhile.
    const { run: ofVllm } = await run(later('working'));
    expect([wait(ofVllm), ofVllm.stages.total?.seconds]).toEqual([{ seconds: 1.5 }, 9.25]);
    expect(ofVllm.stages.wall!.seconds).toBeGreaterThan(8.4);
    expect(ofVllm.stages.wall!.seconds).toBeLessThan(10);
    // FastVideo's is queued until it begins, SGLang's until it is done.
    const { run: ofFast } = await run(later('queued'), at('fastvideo'));
    expect(wait(ofFast).seconds).toBeGreaterThan(9.9);
    expect(ofFast.stages.wall!.seconds).toBeLessThan(2);
    const { run: ofSglang } = await run(later('working'), at('sglang'));
    expect(wait(ofSglang)).toBeUndefined();
    expect(ofSglang.stages.wall!.seconds).toBeGreaterThan(9.9);
  });

  test('without the profiler has no stages, and no memory rather than none', async () => {
    server.profiled = false;
    const { run: row } = await run();
    expect([row.stages.step, row.stages.encode, row.peakMemoryBytes]).toEqual([null, null, null]);
    expect(row.remarks.map(({ code }) => code)).toContain('no-stage-times');
  });

  test('carries the token in every request, and nothing else does', async () => {
    server.token = 'secret-token';
    const { run: row } = await run({}, at('vllm-omni', { token: 'secret-token' }));
    expect(JSON.stringify(row)).not.toContain('secret-token');
    expect((await failure({}, at('vllm-omni', { token: 'secret-wrong' }))).message).not.toContain('secret-wrong');
    const body = '{"error":"The key secret-token is not known"}';
    for (const each of [
      { status: 401, body },
      { status: 200, body: 'not JSON: secret-token' },
    ]) {
      fault('POST', each);
      const { message } = await failure({}, at('vllm-omni', { token: 'secret-token' }));
      expect(message).toMatch(/The key … is not known|not JSON: …/);
      expect(message).not.toContain('secret');
    }
  });
});

describe('a refusal', () => {
  test.each([
    [401, 'access-denied', /status 401.*give its token/, 1],
    [403, 'access-denied', /status 403.*lacks the right/, 1],
    [404, 'input-invalid', /status 404.*another kind of server than vLLM-Omni/, 1],
    [405, 'input-invalid', /status 405.*too old.*Update vLLM-Omni/, 1],
    [400, 'input-invalid', /status 400.*does not accept the settings/, 1],
    [500, 'job-failed', /status 500.*failed/, 1],
  ] as const)('with status %i becomes %s', async (status, code, message, requests) => {
    fault('POST', { status });
    const error = await failure();
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
    expect(count('POST')).toBe(requests);
  });

  test.each([
    ['{"detail":[{"loc":["body","size"],"msg":"String should match pattern"}]}', /String should match pattern/],
    ['{"detail":"Model mismatch"}', /It says: Model mismatch/],
    ['{"error":{"message":"num_frames must be 4k+1","code":400}}', /It says: num_frames must be 4k\+1/],
    ['plain words', /It says: plain words/],
    ['<html>nginx</html>', /settings\.$/],
    [`"${'x'.repeat(1000)}"`, /x{150}.*…$/],
  ])('says what the server says: %s', async (body, message) => {
    fault('POST', { status: 422, body });
    expect((await failure()).message).toMatch(message);
  });

  test.each([429, 503])(
    'with status %i names the wait the server asks for, and makes no second job',
    async (status) => {
      fault('POST', { status, headers: { 'retry-after': '17' } });
      const error = await failure();
      expect([error.code, error.message]).toEqual(['rate-limited', expect.stringMatching(/asks to wait 17 s/)]);
      expect(server.jobs.size).toBe(0);
    },
  );

  test.each([
    ['html', 'file-invalid', /web page, not JSON/],
    ['not-json', 'file-invalid', /is not JSON: "pong"/],
    [{ status: 200, body: '{"id":7}' }, 'file-invalid', /no video job: id should be string and is 7/],
    [{ bytes: 5 * 2 ** 20 }, 'file-invalid', /has 5 MiB or more; this page takes 1 MiB/],
    ['endless', 'file-invalid', /or more; this page takes 1 MiB/],
    ['cut', 'network-failed', /cannot be reached/],
  ] as [Fault, string, RegExp][])('by %j is told as what it is', async (each, code, message) => {
    fault('POST', each);
    const error = await failure();
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  test('by an answer that never begins, or never ends, is told with the limit and what had come', async () => {
    fault('POST', 'silent');
    const silent = await failure({ patience: { stallSeconds: 0.2 } });
    expect(silent).toMatchObject({
      code: 'timed-out',
      message: expect.stringMatching(/within 0\.2 s; 0 bytes had come/),
    });
    fault('POST', 'drip');
    const drip = await failure({ patience: { answerSeconds: 0.4 } });
    expect(drip).toMatchObject({
      code: 'timed-out',
      message: expect.stringMatching(/complete after 0\.4 s, the limit/),
    });
  });

  test('of a port where nobody listens gives the reason', async () => {
    const error = await failure({}, { ...at(), url: 'http://127.0.0.1:9' });
    expect([error.code, error.message]).toEqual([
      'network-failed',
      expect.stringMatching(/127\.0\.0\.1:9 cannot be reached \((ECONNREFUSED|bad port)\)/),
    ]);
  });
});

describe('a job that does not end well', () => {
  test('tells the code and the message of the server', async () => {
    server.error = { code: 'EngineDeadError', message: 'CUDA out of memory' };
    const error = await failure();
    expect(error.code).toBe('job-failed');
    expect(error.message).toMatch(/"failed" \(code EngineDeadError\)\. It says: CUDA out of memory$/);
    expect(server.deleted).toHaveLength(1);
  });

  test.each([
    ['vllm-omni', /It was taken back/],
    ['sglang', /SGLang cannot end a job, and will finish it/],
    ['fastvideo', /FastVideo cannot end a job, and will finish it/],
  ] as const)('on %s is given up after the limit, both numbers told, and deleted', async (kind, what) => {
    server.questions = Number.POSITIVE_INFINITY;
    const error = await failure({ patience: { jobSeconds: 0.1 } }, at(kind));
    expect(error.code).toBe('timed-out');
    expect(error.message).toMatch(/"queued" at 0 % after [\d.]+ s; the limit is 0\.1 s/);
    expect(error.message).toMatch(what);
    expect([server.jobs.size, server.deleted.length]).toEqual([0, 1]);
  });

  test('is given up as soon where the clock is set back by an hour meanwhile', async () => {
    server.questions = Number.POSITIVE_INFINITY;
    const read = performance.now.bind(performance);
    let leapMs = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => read() + leapMs);
    onTestFinished(() => clock.mockRestore());
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === 'queued') leapMs = -3.6e6;
    };
    const error = await failure({ patience: { jobSeconds: 0.1 }, onProgress, signal: AbortSignal.timeout(3000) });
    expect(error.code).toBe('timed-out');
    expect(leapMs).toBeLessThan(0);
  });

  test('is told apart from an address that is wrong when the server forgets it', async () => {
    server.questions = Number.POSITIVE_INFINITY;
    const pending = failure();
    await expect.poll(() => server.jobs.size, { interval: 2 }).toBe(1);
    server.jobs.clear();
    const error = await pending;
    expect([error.code, error.message]).toEqual(['job-failed', expect.stringMatching(/no longer knows job/)]);
  });

  test('survives what passes: cuts, overload, a wait', async () => {
    fault('GET /v1/videos/video_gen', 'cut', { status: 503, headers: { 'retry-after': '0.01' } });
    const { run: row } = await run();
    expect(row.stages.step!.seconds).toBe(1.5);
    expect(server.faults).toEqual([]);
  });

  test('is asked for as long as it may take, however often the way there fails, and told so', async () => {
    const gateway = Array<Fault>(50).fill({ status: 502 });
    const seen: string[] = [];
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === 'queued' && !seen.includes('queued')) fault('GET /v1/videos/video_gen', ...gateway);
      if (activity !== seen.at(-1)) seen.push(activity);
    };
    const { run: row } = await run({ onProgress });
    expect(row.stages.step!.seconds).toBe(1.5);
    expect([server.faults, seen]).toEqual([[], ['asking', 'queued', 'silent', 'queued', 'working', 'fetching']]);
  });

  test('is given up when they do not pass before the limit, and deleted', async () => {
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity !== 'asking') fault('GET', 'cut');
    };
    const error = await failure({ onProgress, patience: { jobSeconds: 0.1 } });
    expect(error.code).toBe('network-failed');
    expect(server.deleted).toHaveLength(1);
  });

  const content = 'GET /v1/videos/video_gen';
  const whileFetching = (each: Fault) => ({
    onProgress: ({ activity }: ServerProgress) => {
      if (activity === 'fetching') fault(content, each);
    },
  });

  test('whose video is cut in the middle is fetched again', async () => {
    let cuts = 5; // more than attempts
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === 'fetching' && cuts-- > 0) fault(content, 'cut-in-the-middle');
    };
    const { video } = await run({ onProgress });
    expect([video?.size, server.deleted.length]).toEqual([CIRCLE.length, 1]);
  });

  test.each([
    ['cut-in-the-middle', /broke after 500 bytes/],
    [{ status: 502 }, /The video of job .* status 502/],
    [{ status: 404 }, /has no file of it \(status 404\)/],
    ['html', /neither MP4 nor WebM.*doctype html/],
  ] as [Fault, RegExp][])(
    'whose video does not come (%j) keeps its times, and stays on the server',
    async (each, why) => {
      const { run: row, video } = await run({ ...whileFetching(each), patience: { outageSeconds: 0.05 } });
      expect(video).toBeNull();
      expect([row.stages.step!.seconds, row.stages.wall!.kind]).toEqual([1.5, 'measured']);
      expect(row.remarks.at(-1)).toEqual({ code: 'no-video', values: { reason: expect.stringMatching(why) } });
      expect([server.jobs.size, server.deleted]).toEqual([1, []]);
    },
  );
});

describe('a stop', () => {
  test('before anything asks for nothing', async () => {
    expect((await failure({ signal: AbortSignal.abort() })).code).toBe('cancelled');
    expect(server.asked).toEqual([]);
  });

  test('while the request is on its way deletes the job that comes of it', async () => {
    const stop = new AbortController();
    server.latencyMs = 20;
    const pending = failure({ signal: stop.signal });
    await expect.poll(() => count('POST'), { interval: 1 }).toBe(1);
    stop.abort();
    expect((await pending).code).toBe('cancelled');
    await expect.poll(() => [server.jobs.size, server.deleted.length], { interval: 2 }).toEqual([0, 1]);
  });

  test.each(['queued', 'working', 'fetching'])('while it is %s ends at once and deletes the job', async (moment) => {
    const stop = new AbortController();
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === moment) stop.abort();
    };
    expect((await failure({ signal: stop.signal, onProgress })).code).toBe('cancelled');
    expect([server.jobs.size, server.deleted.length]).toEqual([0, 1]);
  });
});
