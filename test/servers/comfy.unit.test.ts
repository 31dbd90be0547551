/** ComfyUI's graph, messages and history against a server on this machine that speaks them, well and badly. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket as NodeWebSocket } from 'ws';
import { AppError } from '../../src/core/errors';
import { generateOn } from '../../src/servers/generate_on';
import type { Server, ServerProgress, ServerRunOptions } from '../../src/servers/server';
import { type ComfyServer, startComfyServer } from '../support/servers/comfyui';
import { CIRCLE } from '../support/servers/http_fixture';
import { QUICK, WISH } from '../support/servers/wish';

const webSocket = NodeWebSocket as unknown as typeof WebSocket;

let server: ComfyServer;
beforeEach(async () => {
  server = await startComfyServer();
});
afterEach(() => server.close());

const run = (options: ServerRunOptions = {}, wish = WISH) => {
  const to: Server = { kind: 'comfyui', url: server.url, token: null, card: null };
  return generateOn(to, wish, { webSocket, ...options, patience: { ...QUICK, ...options.patience } });
};
const failure = async (options: ServerRunOptions = {}): Promise<AppError> => {
  const error = await run(options).then(
    () => null,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error;
};

describe('a run', () => {
  test('sends the wish as a graph, and takes its times from the messages', async () => {
    server.nodeMs = 20;
    const seen: ServerProgress[] = [];
    const { run: row, video } = await run({ onProgress: (progress) => seen.push(progress) });
    expect(new Uint8Array(await video!.arrayBuffer())).toEqual(CIRCLE);
    const [graph] = server.graphs;
    expect(graph!.sampler!.inputs).toMatchObject({
      seed: 42,
      steps: 4,
      cfg: 5,
      sampler_name: 'uni_pc',
      scheduler: 'simple',
    });
    expect(graph!.latents!.inputs).toMatchObject({ width: 96, height: 64, length: 17, batch_size: 1 });
    expect([graph!.shift!.inputs.shift, graph!.video!.inputs.fps]).toEqual([5, 24]);
    expect([graph!.positive!.inputs.text, graph!.negative!.inputs.text]).toEqual([WISH.prompt, '色调艳丽']);
    expect(graph!.unet!.inputs.unet_name).toBe('wan2.2_ti2v_5B_fp16.safetensors');
    expect(row.device).toEqual({ name: 'NVIDIA L40S', memoryBytes: 47_696_000_000, software: false });
    expect(row.software).toBe('ComfyUI 0.3.60 PyTorch 2.9.1+cu128');
    const { init, encode, step, decode, total, wall } = row.stages;
    expect([init, encode, step, decode, wall].map((figure) => figure?.kind)).toEqual(Array(5).fill('measured'));
    expect([step!.samples.length, step!.warmUp!.length]).toEqual([3, 1]);
    expect(total!.kind).toBe('published');
    // Three loaders, two prompts, four steps and a decode of 20 ms each; more where the machine is busy, and less after a
    // message that came late.
    for (const [figure, least] of [
      [init, 0.04],
      [encode, 0.025],
      [step, 0.01],
      [decode, 0.01],
      [total, 0.2],
    ] as const)
      expect(figure!.seconds).toBeGreaterThan(least);
    const parts = init!.seconds + encode!.seconds + decode!.seconds + 4 * step!.seconds;
    expect(wall!.seconds).toBeGreaterThan(parts * 0.8);
    const done = seen.filter(({ activity }) => activity === 'denoise').map((progress) => progress.done);
    expect(done).toEqual([0, 1, 2, 3, 4]);
    expect([...new Set(seen.map(({ activity }) => activity))]).toEqual([
      'asking',
      'queued',
      'init',
      'encode',
      'working',
      'denoise',
      'decode',
      'fetching',
    ]);
  });

  test('is told apart as the first by the loading of models, and done anew though the wish is the same', async () => {
    const first = (await run()).run;
    const second = (await run()).run;
    const codes = (row: typeof first) => row.remarks.map(({ code }) => code);
    expect([codes(first), codes(second)]).toEqual([['other-noise', 'cold-start'], ['other-noise']]);
    expect([first.stages.init !== null, second.stages.init, second.stages.encode !== null]).toEqual([true, null, true]);
    expect(second.extra.cached).toEqual(['unet', 'clip', 'vae']);
    const marks = server.graphs.map((graph) => graph.positive!.inputs.wanscope_run);
    expect(marks[0]).not.toBe(marks[1]);
  });

  test('takes the files of the wanted names, and of others those that are the same models', async () => {
    const chosen = async () => {
      const { key, extra } = (await run()).run;
      expect(key.model).toBe('wan22-5b');
      return Object.values(extra.models as object);
    };
    const fun = ['wan2.2_fun_control_5B_bf16.safetensors', 'wan2.2_fun_inpaint_5B_bf16.safetensors'];
    server.models.unet = [...fun, 'Wan2_2-TI2V-5B_fp8.safetensors', 'wan\\wan2.2_ti2v_5B_fp16.safetensors'];
    const kijai = 'umt5-xxl-enc-bf16.safetensors';
    server.models.clip = [kijai, 'umt5_xxl_fp16.safetensors', 'umt5_xxl_fp8_e4m3fn_scaled.safetensors'];
    expect(await chosen()).toEqual([server.models.unet[3], server.models.clip[2], 'wan2.2_vae.safetensors']);
    server.models = {
      ...server.models,
      unet: [...fun, 'wan22-5b-mine.safetensors'],
      clip: [kijai, 'umt5_xxl_fp16.safetensors'],
    };
    expect(await chosen()).toEqual([
      'wan22-5b-mine.safetensors',
      'umt5_xxl_fp16.safetensors',
      'wan2.2_vae.safetensors',
    ]);
    server.models.unet.pop();
    expect((await failure()).message).toMatch(/has 2 files in models\/diffusion_models/);
  });

  test('that waits for others’ prompts has the wait told, and not in its wall time', async () => {
    server.others.push('a stranger’s');
    const pending = run();
    await expect.poll(() => server.queued.length, { interval: 2 }).toBe(1);
    setTimeout(() => server.others.pop(), 1100);
    const { remarks, stages } = (await pending).run;
    const { seconds } = remarks.find(({ code }) => code === 'queued')!.values as { seconds: number };
    expect(seconds).toBeGreaterThan(1);
    expect(stages.wall!.seconds).toBeGreaterThanOrEqual(stages.total!.seconds - 0.02);
    expect(stages.wall!.seconds).toBeLessThan(stages.total!.seconds + 1);
  });

  test('with one step has that step, which is its warm-up', async () => {
    const { run: row } = await run({}, { ...WISH, steps: 1, solver: 'dpm++', schedule: 'turbo' });
    expect(row.stages.step).toMatchObject({ kind: 'derived', samples: [], warmUp: [row.stages.step!.seconds] });
    expect(server.graphs[0]!.sampler!.inputs.sampler_name).toBe('dpmpp_2m');
    expect(row.remarks[1]).toEqual({ code: 'not-taken', values: { settings: ['schedule'] } });
  });
});

describe('a connection that breaks', () => {
  test.each([3, 8, 14])('after %i messages is opened again, and what was missed is not measured', async (messages) => {
    Object.assign(server, { nodeMs: 12, breakAfter: messages });
    const { run: row, video } = await run();
    expect(video!.size).toBe(CIRCLE.length);
    expect(row.stages.step?.samples.length ?? 0).toBeLessThan(4);
    for (const { samples, warmUp = [] } of row.stages.step ? [row.stages.step] : [])
      for (const seconds of [...samples, ...warmUp]) expect(seconds).toBeLessThan(5);
  });

  test('and cannot be opened again for long does not end the run: it goes by the history', async () => {
    Object.assign(server, { nodeMs: 12, breakAfter: 10 });
    const seen = new Set<string>();
    const onProgress = ({ activity }: ServerProgress) => {
      seen.add(activity);
      if (activity !== 'denoise' || server.refusesSockets) return;
      server.refusesSockets = true;
      for (let i = 0; i < 20; i++) server.faults.push({ at: 'GET /queue', fault: { status: 502 } });
    };
    const { run: row, video } = await run({ onProgress });
    expect([video?.size, row.stages.wall?.kind, row.stages.decode]).toEqual([CIRCLE.length, 'measured', null]);
    expect([seen.has('silent'), server.faults, server.interrupted]).toEqual([true, [], []]);
  });

  test('to a server that was started anew ends the run', async () => {
    Object.assign(server, { nodeMs: 5, breakAfter: 9, hangs: true });
    const pending = failure();
    await expect.poll(() => server.queued.length, { interval: 2 }).toBe(1);
    server.forget();
    const error = await pending;
    expect([error.code, error.message]).toEqual(['job-failed', expect.stringMatching(/no longer knows prompt/)]);
  });
});

describe('a failure', () => {
  test('to fetch the video keeps the times', async () => {
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === 'fetching') server.faults.push({ at: 'GET /view', fault: { status: 502 } });
    };
    const { run: row, video } = await run({ onProgress, patience: { outageSeconds: 0.05 } });
    expect([video, row.stages.wall?.kind, row.stages.step?.samples.length]).toEqual([null, 'measured', 3]);
    expect(row.remarks.at(-1)?.code).toBe('no-video');
  });

  test('in a node is told with the node and its words', async () => {
    server.error = { exception_type: 'torch.OutOfMemoryError', exception_message: 'CUDA out of memory.\n' };
    const error = await failure();
    expect(error.code).toBe('job-failed');
    expect(error.message).toMatch(
      /failed in the node KSampler: torch\.OutOfMemoryError\. It says: CUDA out of memory\.$/,
    );
  });

  test('by missing nodes names them and the version', async () => {
    server.missingNodes.add('Wan22ImageToVideoLatent');
    expect((await failure()).message).toMatch(/lacks 1 of the 10 nodes this needs: Wan22ImageToVideoLatent\. Update/);
  });

  test('by missing models names what is there, and what to get', async () => {
    server.models.unet = ['flux1-dev.safetensors'];
    const error = await failure();
    expect(error.code).toBe('weights-missing');
    expect(error.message).toMatch(
      /has 1 files in models\/diffusion_models.*flux1-dev.*Put wan2\.2_ti2v_5B_fp16\.safetensors there/,
    );
  });

  test('of the graph’s check says what ComfyUI says', async () => {
    const body =
      '{"error":{"type":"x","message":"Prompt outputs failed validation","details":"KSampler"},"node_errors":{}}';
    server.faults.push({ at: 'POST /prompt', fault: { status: 400, body } });
    expect((await failure()).message).toMatch(/It says: Prompt outputs failed validation KSampler/);
  });

  test('to send anything but what ComfyUI sends is told', async () => {
    server.faults.push({ at: 'GET /system_stats', fault: { status: 200, body: '{"ok":true}' } });
    expect((await failure()).message).toMatch(/does not describe itself as ComfyUI does: "\{"ok":true\}"/);
    server.faults.push({ at: 'GET /system_stats', fault: { status: 403 } });
    expect((await failure()).message).toMatch(/--enable-cors-header/);
    server.faults.push({ at: 'POST /prompt', fault: { status: 200, body: '{}' } });
    expect((await failure()).message).toMatch(/gave no prompt_id/);
  });

  test('to end within the limit tells both numbers, and takes the prompt back', async () => {
    server.hangs = true;
    const error = await failure({ patience: { jobSeconds: 0.6 } });
    expect(error.code).toBe('timed-out');
    expect(error.message).toMatch(/at step \d, in "\w+", after [\d.]+ s; the limit is 0\.6 s/);
    expect([server.dequeued, server.interrupted]).toEqual([[], server.queued]);
  });

  test('for lack of WebSockets names the way out', async () => {
    const without = { webSocket: undefined } as unknown as ServerRunOptions;
    expect((await failure(without)).message).toMatch(/from version 22 on/);
  });
});

describe('a stop', () => {
  test.each(['asking', 'queued', 'init', 'denoise', 'fetching'])('while it is at "%s" ends at once', async (moment) => {
    server.nodeMs = 5;
    const stop = new AbortController();
    const onProgress = ({ activity }: ServerProgress) => {
      if (activity === moment) stop.abort();
    };
    expect((await failure({ signal: stop.signal, onProgress })).code).toBe('cancelled');
    expect(server.interrupted.length).toBe(moment === 'asking' || moment === 'fetching' ? 0 : 1);
  });

  test('while others’ prompts are before ours takes ours out of the queue, and interrupts none of theirs', async () => {
    server.others.push('a stranger’s');
    const stop = new AbortController();
    const pending = failure({ signal: stop.signal });
    await expect.poll(() => server.queued.length, { interval: 2 }).toBe(1);
    stop.abort();
    expect((await pending).code).toBe('cancelled');
    await expect.poll(() => server.dequeued.length, { interval: 2 }).toBe(1);
    expect([server.queued, server.interrupted]).toEqual([[], []]);
  });

  test('while the graph is on its way takes the prompt back that comes of it', async () => {
    const stop = new AbortController();
    server.nodeMs = 50;
    const pending = failure({ signal: stop.signal });
    await expect.poll(() => server.asked.some(({ path }) => path === '/prompt'), { interval: 0 }).toBe(true);
    stop.abort();
    expect((await pending).code).toBe('cancelled');
    await expect.poll(() => server.interrupted.length, { interval: 2 }).toBe(1);
  });
});
