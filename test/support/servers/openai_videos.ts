/**
 * A server that speaks OpenAI's Videos API as vLLM-Omni, SGLang or FastVideo do: the fields, statuses and refusals of
 * theirs, with a video made beforehand in place of a model. A job is done after so many questions as the test says.
 */
import { randomUUID } from 'node:crypto';
import { type Asked, type Fixture, sendJson, sendVideo, startFixture } from './http_fixture';

export interface VideoJob {
  readonly id: string;
  readonly fields: Readonly<Record<string, string | number>>;
  asked: number;
}

export interface VideoServer extends Fixture {
  kind: 'vllm-omni' | 'sglang' | 'fastvideo';
  /** The answer to this one is the end; until the half it is queued. Infinity: it never ends. */
  questions: number;
  /** Jobs end so. */
  error: { readonly code?: string | number; readonly message: string } | null;
  /** The files of jobs are gone when these are done. */
  loses: boolean;
  /** Without `--enable-diffusion-pipeline-profiler`. */
  profiled: boolean;
  /** As the profiler tells it: of others' jobs that came first. */
  queueWaitMs: number;
  model: string;
  /** What its owner calls it, with `--served-model-name`. */
  alias: string | null;
  readonly jobs: Map<string, VideoJob>;
  /** Ids, in order. */
  readonly deleted: string[];
}

const OWNERS = { 'vllm-omni': 'vllm', sglang: 'sglang', fastvideo: 'fastvideo' } as const;

/** What each of them reads a request from. */
const FIELDS = ['prompt', 'negative_prompt', 'size', 'num_frames', 'fps', 'flow_shift', 'num_inference_steps'];

export async function startVideoServer(): Promise<VideoServer> {
  const fixture = await startFixture(route);
  const server: VideoServer = Object.assign(fixture, {
    kind: 'vllm-omni' as const,
    questions: 4,
    error: null,
    loses: false,
    profiled: true,
    queueWaitMs: 0.266,
    model: 'Wan-AI/Wan2.2-TI2V-5B-Diffusers',
    alias: null,
    jobs: new Map<string, VideoJob>(),
    deleted: [],
  });

  function route(asked: Asked, response: Parameters<typeof sendJson>[0]) {
    const { method, path } = asked;
    const url = new URL(path, 'http://server');
    const [, id, content] = /^\/v1\/videos\/([^/]+)(\/content)?$/.exec(url.pathname) ?? [];
    if (method === 'GET' && url.pathname === '/v1/models') {
      const data = [
        { id: server.alias ?? server.model, object: 'model', owned_by: OWNERS[server.kind], root: server.model },
      ];
      return sendJson(response, { object: 'list', data });
    }
    if (url.pathname === '/v1/videos')
      return method === 'POST' ? create(asked, response) : sendJson(response, { object: 'list', data: [] });
    const job = id && server.jobs.get(decodeURIComponent(id));
    if (!job) return sendJson(response, { detail: id ? 'Video not found' : 'Not Found' }, 404);
    if (method === 'DELETE') {
      server.jobs.delete(job.id);
      server.deleted.push(job.id);
      return sendJson(response, { id: job.id, deleted: true, object: 'video.deleted' });
    }
    if (content === undefined) job.asked += 1;
    const state = stateOf(job);
    if (content === undefined) return sendJson(response, state);
    return state.status === 'completed' && !server.loses
      ? sendVideo(response)
      : sendJson(response, { detail: 'Generation is still in-progress' }, 404);
  }

  function create({ headers, body }: Asked, response: Parameters<typeof sendJson>[0]) {
    const isForm = headers['content-type']?.startsWith('multipart/form-data') ?? false;
    // vLLM-Omni reads forms alone; SGLang wants a picture in one.
    if (isForm !== (server.kind === 'vllm-omni')) {
      const missing = [{ loc: ['body', 'prompt'], msg: 'Field required', type: 'missing' }];
      return isForm
        ? sendJson(response, { detail: 'input_reference file is required' }, 400)
        : sendJson(response, { detail: missing }, 422);
    }
    const fields = isForm ? formFields(body) : JSON.parse(body);
    const lacking = FIELDS.filter((name) => fields[name] === undefined);
    if (lacking.length > 0) return sendJson(response, { detail: `lacking: ${lacking}` }, 422);
    const job: VideoJob = { id: `video_gen_${randomUUID()}`, fields, asked: 0 };
    server.jobs.set(job.id, job);
    sendJson(response, stateOf(job));
  }

  function stateOf({ id, fields, asked }: VideoJob) {
    const share = asked / server.questions;
    const { size } = fields;
    // SGLang tells what was asked for, or OpenAI's own; and of a job nothing until it is done.
    const model = server.kind === 'sglang' ? (fields.model ?? 'sora-2') : server.model;
    const common = { id, object: 'video', model, size, seconds: '1', created_at: 1_790_000_000 };
    if (share < (server.kind === 'sglang' ? 1 : 0.5)) return { ...common, status: 'queued', progress: 0 };
    if (share < 1) return { ...common, status: 'in_progress', progress: Math.floor(share * 100) };
    if (server.error) return { ...common, status: 'failed', progress: 0, error: server.error };
    const done = { ...common, status: 'completed', progress: 100, inference_time_s: 9.5, completed_at: 1_790_000_010 };
    if (server.kind !== 'vllm-omni') return { ...done, peak_memory_mb: 20_480 };
    return {
      ...done,
      stage_durations: server.profiled ? { ...DURATIONS, queue_wait_ms: server.queueWaitMs } : {},
      peak_memory_mb: server.profiled ? 24_576.5 : 0,
    };
  }

  return server;
}

const DURATIONS = {
  'Wan22TI2VPipeline.forward': 9.25,
  'Wan22TI2VPipeline.text_encoder.forward': 0.5,
  'Wan22TI2VPipeline.tokenizer.forward': 0.01,
  'Wan22TI2VPipeline.diffuse': 6,
  'Wan22TI2VPipeline.vae.decode': 2,
};

/** Of a body of RFC 7578 without files: the parts' names and texts. */
function formFields(body: string): Record<string, string> {
  const fields = [...body.matchAll(/name="([^"]+)"\r\n(?:[^\r\n]+\r\n)*\r\n([\s\S]*?)\r\n--/g)];
  return Object.fromEntries(fields.map(([, name, value]) => [name, value]));
}
