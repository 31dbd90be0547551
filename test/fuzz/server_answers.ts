/** Readers of what servers answer: over HTTP, from a server on this machine that gives the input to every question. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '../../src/core/errors';
import { type Told, takeMessage } from '../../src/servers/comfy';
import { endOrQueued, videoOf } from '../../src/servers/comfy_history';
import { findComfyModels } from '../../src/servers/comfy_models';
import { messageOf } from '../../src/servers/comfy_socket';
import { askSystem } from '../../src/servers/comfy_system';
import { generateByJob } from '../../src/servers/openai_videos';
import { probe } from '../../src/servers/probe';
import { PATIENCE, type Server } from '../../src/servers/server';
import { serverWords } from '../../src/servers/server_failures';
import { httpClient } from '../../src/weights/http_client';
import { listRepository, weightFiles } from '../../src/weights/hub';
import { CIRCLE } from '../support/servers/http_fixture';
import { QUICK, WISH } from '../support/servers/wish';
import { allFinite } from './judge';
import { damagedJsonFile } from './mutate';
import type { Parser } from './parsers';

let answer: Uint8Array = new Uint8Array();
let listening: Promise<string> | undefined;

/** Its address. It ends with the process. */
function serverFor(input: Uint8Array): Promise<string> {
  answer = input;
  listening ??= (async () => {
    const http = createServer((request, response) => {
      request.resume();
      if (/\/content$|^\/view/.test(request.url ?? '')) return void response.end(CIRCLE);
      // Some of them are refusals, of whose words a message is made.
      const isRefused = request.method === 'GET' && answer.length % 16 === 0 && !request.url?.startsWith('/api/');
      response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' }).end(answer);
    });
    http.keepAliveTimeout = 0; // a fuzzer that was held up for 5 s would take a closed connection for a fault of the reader
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    http.unref();
    return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  })();
  return listening;
}

/** Quick, and takes answers as large as a page does. */
const PATIENT = { ...PATIENCE, ...QUICK, jsonBytes: PATIENCE.jsonBytes, jobSeconds: 0.02, attempts: 1 };
const CODES = ['file-invalid', 'job-failed', 'input-invalid', 'weights-missing', 'timed-out'] as const;

const lineTo = (kind: Server['kind'], url: string) => ({
  server: { kind, url, token: null, card: null } as const,
  patience: PATIENT,
});

async function runsJob(input: Uint8Array): Promise<boolean> {
  const url = await serverFor(input);
  const { run } = await generateByJob(lineTo(input.length % 2 ? 'sglang' : 'vllm-omni', url), WISH, () => undefined);
  const { extra: _, ...told } = run;
  allFinite(told);
  return true;
}

const codes: readonly string[] = CODES;

/** All that is asked of a ComfyUI, each by itself. */
async function asksComfy(input: Uint8Array): Promise<boolean> {
  const line = lineTo('comfyui', await serverFor(input));
  const answers = await Promise.allSettled([
    askSystem(line).then(allFinite),
    findComfyModels(line),
    endOrQueued(line, 'p').then((end) => {
      allFinite(end?.totalSeconds);
      return end && videoOf(end, line.server);
    }),
  ]);
  for (const each of answers)
    if (each.status === 'rejected' && !(each.reason instanceof AppError && codes.includes(each.reason.code)))
      throw each.reason;
  return answers.some(({ status }) => status === 'fulfilled');
}

function takesMessages(input: Uint8Array): boolean {
  const { server } = { server: { kind: 'comfyui', url: 'http://127.0.0.1:1', token: null, card: null } } as const;
  const told: Told = { nodes: [], steps: [], cached: [], step: 0, wanted: 4 };
  let taken = 0;
  for (const text of new TextDecoder().decode(input).split('\n')) {
    const message = messageOf(text, 0);
    if (!message) continue;
    taken++;
    takeMessage({ server, patience: PATIENT }, message, 'p', told, ({ done, total }) => allFinite([done, total]));
  }
  return taken > 0;
}

async function findsKind(input: Uint8Array): Promise<boolean> {
  allFinite(await probe({ url: await serverFor(input), token: null }, { patience: PATIENT }));
  return true;
}

async function listsFiles(input: Uint8Array): Promise<boolean> {
  const base = await serverFor(input);
  const client = httpClient({ timing: { firstPauseSeconds: 0.001, longestPauseSeconds: 0.001, windowSeconds: 0.01 } });
  const { files } = await listRepository({
    repo: 'a/b',
    base,
    layout: input.length % 2 ? 'huggingface' : 'modelscope',
    client,
  });
  allFinite(weightFiles(files));
  return true;
}

const JOB = {
  ...{ id: 'video_gen_5f0c', object: 'video', status: 'completed', progress: 100, size: '1280x704', model: 'Wan2.2' },
  ...{ inference_time_s: 84.5, peak_memory_mb: 33792, error: { code: 'x', message: 'out of memory' } },
  stage_durations: { 'WanPipeline.text_encoder.forward': 0.5, 'WanPipeline.diffuse': 75, 'vae.decode': 6.5 },
};
const VIDEO = { filename: 'clip_00001_.mp4', subfolder: 'wanscope', type: 'output' };
const MESSAGES = [
  ['execution_start', { prompt_id: 'p', timestamp: 1000 }],
  ['execution_success', { prompt_id: 'p', timestamp: 9000 }],
];
const LISTS = { required: { unet_name: [['wan2.2_ti2v_5B_fp16.safetensors'], {}] } };
/** The answers to all questions at once. */
const COMFY = {
  system: { comfyui_version: '0.3.60', pytorch_version: '2.9.1' },
  devices: [{ name: 'cuda:0 NVIDIA L40S : cudaMallocAsync', vram_total: 47e9 }],
  ...{ queue_running: [[0, 'q']], queue_pending: [[1, 'p']] },
  p: { outputs: { save: { images: [VIDEO], animated: [true] } }, status: { completed: true, messages: MESSAGES } },
  UNETLoader: { input: LISTS },
  CLIPLoader: {
    input: { required: { clip_name: ['COMBO', { options: ['umt5_xxl_fp8_e4m3fn_scaled.safetensors'] }] } },
  },
  VAELoader: { input: { required: { vae_name: [['wan2.2_vae.safetensors']] } } },
  ...Object.fromEntries(
    [
      'CLIPTextEncode',
      'ModelSamplingSD3',
      'Wan22ImageToVideoLatent',
      'KSampler',
      'VAEDecode',
      'CreateVideo',
      'SaveVideo',
    ].map((node) => [node, { input: {} }]),
  ),
};
const TOLD = [
  { type: 'execution_cached', data: { prompt_id: 'p', nodes: ['unet'] } },
  { type: 'executing', data: { prompt_id: 'p', node: 'sampler' } },
  { type: 'progress', data: { prompt_id: 'p', node: 'sampler', value: 1, max: 4 } },
  {
    type: 'execution_error',
    data: { prompt_id: 'p', node_type: 'KSampler', exception_type: 'torch.OutOfMemoryError', exception_message: 'no' },
  },
  { type: 'execution_interrupted', data: { prompt_id: 'p', node_type: 'KSampler' } },
];
const MODELS = { data: [{ id: 'Wan-AI/Wan2.2-TI2V-5B-Diffusers', owned_by: 'sglang', root: '/models/wan' }] };
const sha256 = 'ab'.repeat(32);
const TREE = [
  { type: 'file', path: 'model-00001-of-00002.safetensors', size: 10, lfs: { oid: sha256, size: 10 } },
  { type: 'directory', path: 'vae' },
];
const SCOPE = { Data: { Files: [{ Type: 'blob', Path: 'a.gguf', Size: 10, Sha256: sha256 }] } };

const parser = (
  name: string,
  seeds: readonly unknown[],
  parse: Parser['parse'],
  codes: Parser['codes'] = CODES,
): Parser => {
  const makers = [damagedJsonFile(seeds.map((seed) => JSON.stringify(seed)))];
  return { name, makers: async () => makers, parse, codes };
};

/** Some ten requests each, of some milliseconds. */
const overHttp = (each: Parser): Parser => ({ ...each, inputs: 20 });

export const PARSERS: readonly Parser[] = [
  overHttp(parser('server-job', [JOB, JOB, { ...JOB, status: 'failed' }, { ...JOB, status: 'queued' }], runsJob)),
  overHttp(parser('comfyui-answers', [COMFY], asksComfy)),
  parser('comfyui-messages', TOLD, takesMessages),
  overHttp(parser('server-models', [MODELS, COMFY], findsKind)),
  parser(
    'server-refusals',
    [
      { error: { message: 'no', details: 'x' }, node_errors: {} },
      { detail: [{ loc: ['body'], msg: 'Field required' }] },
    ],
    (input) => serverWords(new TextDecoder().decode(input)) !== '',
  ),
  overHttp(parser('hub-list', [TREE, SCOPE, { sha: 'abc' }], listsFiles)),
];
