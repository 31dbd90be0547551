/**
 * A video by OpenAI's Videos API as vLLM-Omni, SGLang and FastVideo speak it:
 *
 *     POST /v1/videos → {id, status: queued}          GET /v1/videos/{id} → … completed | failed
 *     GET /v1/videos/{id}/content → the file          DELETE /v1/videos/{id}
 *
 * Fields: vllm_omni/entrypoints/openai/protocol/videos.py; sglang's and FastVideo's protocol.py.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { nowMs } from '../core/clock';
import { AppError, excerpt } from '../core/errors';
import type { ServerRemark } from '../core/events';
import { type ProfiledSeconds, profiledSeconds } from '../core/profiled_stages';
import type { Figure } from '../core/result';
import type { Run, RunStages } from '../core/run';
import { jobId, shownName, toldAmount } from './answer_parts';
import { askJson, type KnownLine, type Line, orUndo, pause, persist } from './exchange';
import { enduring, withVideo } from './outage';
import { askModels, modelName, servedModels } from './served_models';
import {
  type Addressee,
  hostOf,
  nameOf,
  type Server,
  type ServerProgress,
  type ServerRun,
  type ServerWish,
} from './server';
import { isQueued, NO_STAGES, notTakenAnywhere, serverRun } from './server_run';

const job = v.looseObject({
  id: jobId,
  status: v.string(),
  progress: toldAmount,
  size: v.nullish(v.string()),
  model: v.nullish(shownName),
  inference_time_s: toldAmount,
  peak_memory_mb: toldAmount,
  stage_durations: v.nullish(v.record(v.string(), v.unknown())),
  error: v.nullish(
    v.looseObject({ code: v.nullish(v.union([v.string(), v.number()])), message: v.nullish(v.string()) }),
  ),
});

type Job = v.InferOutput<typeof job>;

/**
 * Throws every AppError that a server, a network or a signal gives rise to. The job is taken back where it can be; one whose
 * video did not come stays where it is.
 */
export async function generateByJob(
  line: KnownLine,
  wish: ServerWish,
  onProgress: (progress: ServerProgress) => void,
): Promise<ServerRun> {
  onProgress({ activity: 'asking', done: 0, total: 0 });
  const served = await askedModel(line);
  const beganMs = nowMs();
  const created = await create(line, wish);
  try {
    const { last, pollSeconds, startedMs } = await finished(line, created, beganMs, onProgress);
    const run = runOf(line.server, wish, last, served, {
      wallSeconds: (nowMs() - beganMs) / 1000,
      queuedSeconds: startedMs === null ? 0 : (startedMs - beganMs) / 1000,
      biasSeconds: pollSeconds / 2,
    });
    const done = await withVideo(
      line,
      run,
      { path: `${pathOf(last)}/content`, what: `The video of job ${last.id}` },
      onProgress,
    );
    if (done.video) await takeBack(line, created);
    return done;
  } catch (failure) {
    await takeBack(line, created);
    throw failure;
  }
}

const pathOf = ({ id }: Job) => `/v1/videos/${encodeURIComponent(id)}`;

/** Null where the server does not tell. A failure is the request's to tell: it comes next. */
const askedModel = (line: Line): Promise<string | null> =>
  askModels(line).then(
    (answer) => modelName(servedModels(answer) ?? []),
    () => null,
  );

/** vLLM-Omni reads forms alone, the others JSON: SGLang takes no form without a picture. */
function fieldsOf({ kind }: Server, wish: ServerWish): Record<string, string | number> {
  return {
    prompt: wish.prompt,
    negative_prompt: wish.negativePrompt,
    size: `${wish.width}x${wish.height}`,
    num_frames: wish.frames,
    // Builds differ in their defaults for these two.
    fps: wish.framesPerSecond,
    flow_shift: wish.shift,
    num_inference_steps: wish.steps,
    guidance_scale: wish.guidance,
    seed: wish.seed,
    ...(kind === 'sglang' && { generator_device: wish.noise === 'torch-cpu' ? 'cpu' : 'cuda' }),
  };
}

function create(line: KnownLine, wish: ServerWish): Promise<Job> {
  const { server } = line;
  const fields = fieldsOf(server, wish);
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, String(value));
  const question = { method: 'POST', path: '/v1/videos', what: 'The request for a video' } as const;
  const ask = () =>
    askJob(
      { ...line, signal: undefined },
      server.kind === 'vllm-omni' ? { ...question, form } : { ...question, json: fields },
    );
  return orUndo(line, ask, (late) => takeBack(line, late));
}

async function askJob(line: Line, question: Parameters<typeof askJson>[1]): Promise<Job> {
  const answer = await askJson(line, question);
  const read = checked(job, answer);
  if (read.success) return read.output;
  const [issue] = read.issues;
  throw new AppError(
    'file-invalid',
    `${question.what} at ${hostOf(line.server)} is no video job: ${excerpt(v.getDotPath(issue) ?? 'it')} should be ${issue.expected ?? issue.message} and is ${excerpt(issue.received)}. "${excerpt(JSON.stringify(answer))}"`,
  );
}

async function finished(
  line: Line,
  created: Job,
  beganMs: number,
  onProgress: (progress: ServerProgress) => void,
): Promise<{ last: Job; pollSeconds: number; startedMs: number | null }> {
  const { patience, server } = line;
  const known = enduring(line, beganMs + patience.jobSeconds * 1000, onProgress);
  let pollSeconds = patience.firstPollSeconds;
  const gone = `${hostOf(server)} no longer knows job ${created.id}: the server was started anew, or someone deleted it. Start again.`;
  const question = { path: pathOf(created), what: `Job ${created.id}`, gone };
  let last = created;
  /** SGLang calls a job queued until it is done. */
  let startedMs: number | null = null;
  for (;;) {
    switch (last.status) {
      case 'completed':
        return { last, pollSeconds, startedMs };
      case 'failed':
      case 'cancelled':
      case 'deleted': {
        const { code, message } = last.error ?? {};
        const said = message ? excerpt(message) : 'nothing about why';
        throw new AppError(
          'job-failed',
          `Job ${last.id} on ${hostOf(server)} ended as "${last.status}"${code == null ? '' : ` (code ${excerpt(String(code))})`}. It says: ${said}`,
        );
      }
      default:
        if (last.status !== 'queued') startedMs ??= nowMs();
        onProgress({ activity: activityOf(server, last), ...percentOf(last) });
    }
    const seconds = (nowMs() - beganMs) / 1000;
    if (seconds >= patience.jobSeconds)
      throw new AppError(
        'timed-out',
        `Job ${last.id} on ${hostOf(server)} was "${excerpt(last.status)}" at ${last.progress ?? 0} % after ${seconds.toFixed(1)} s; the limit is ${patience.jobSeconds} s. ${takenBackText(server)} Raise the limit, ask for less, or see what else the server is doing.`,
      );
    await pause(line, Math.min(pollSeconds, patience.jobSeconds - seconds + 0.001));
    last = await persist(known, () => askJob(known, question));
    if (last.status !== 'completed') pollSeconds = Math.min(pollSeconds * 1.25, patience.longestPollSeconds);
  }
}

const activityOf = ({ kind }: Addressee, { status }: Job) =>
  status === 'queued' && kind !== 'sglang' ? 'queued' : 'working';

/** Many servers say 0 until they say 100. */
const percentOf = ({ progress }: Job) =>
  progress ? { done: Math.min(progress, 100), total: 100 } : { done: 0, total: 0 };

/** SGLang and FastVideo forget a job, and finish it. */
const takenBackText = (server: Addressee) =>
  server.kind === 'vllm-omni' ? 'It was taken back.' : `${nameOf(server)} cannot end a job, and will finish it.`;

/** Frees what the server keeps of it, and ends it where the server can. That this may fail is no news to whoever waits. */
async function takeBack(line: Line, { id }: Job): Promise<void> {
  const signal = AbortSignal.timeout(line.patience.cancelSeconds * 1000);
  const question = { method: 'DELETE', path: `/v1/videos/${encodeURIComponent(id)}`, what: `Job ${id}` } as const;
  await askJson({ ...line, signal }, question).catch(() => undefined);
}

function runOf(
  server: Server,
  wish: ServerWish,
  last: Job,
  served: string | null,
  { wallSeconds, queuedSeconds, biasSeconds }: Record<'wallSeconds' | 'queuedSeconds' | 'biasSeconds', number>,
): Run {
  // SGLang's jobs tell the model that was asked for, and "sora-2" where none was.
  const model = served ?? (server.kind === 'sglang' ? null : (last.model ?? null));
  const profiled = profiledSeconds(last.stage_durations);
  const waitedSeconds = queueWaitSeconds(last);
  const [width, height] =
    /^(\d{1,5})x(\d{1,5})$/
      .exec(last.size ?? '')
      ?.slice(1)
      .map(Number) ?? [];
  const hasStages = Object.keys(profiled).length > 0;
  const remarks: ServerRemark[] = [{ code: 'poll-bias', values: { seconds: biasSeconds } }];
  return serverRun(server, wish, {
    id: last.id,
    model,
    ...{ width, height },
    // That has the wait in it; the profiled pipeline has not.
    stages: stagesOf(profiled, wish.steps, isQueued(waitedSeconds) ? null : last.inference_time_s, wallSeconds),
    queuedSeconds: Math.max(queuedSeconds, waitedSeconds),
    timingBoundary: 'from the request to the question that found it completed; fetching the video is not in it',
    // torch's counter, in units of 2²⁰ bytes. Servers that do not count say 0.
    peakMemoryBytes: last.peak_memory_mb ? last.peak_memory_mb * 2 ** 20 : null,
    notTaken: ['solver', ...(wish.schedule === 'even' ? [] : (['schedule'] as const)), ...notTakenAnywhere(wish)],
    perhapsIgnored: server.kind === 'vllm-omni' ? [] : ['shift'],
    remarks: hasStages ? remarks : [...remarks, { code: 'no-stage-times', values: {} }],
    extra: { ...last, model },
  });
}

/** vLLM-Omni's jobs are in progress while others' are before them. Its profiler knows for how long. */
function queueWaitSeconds({ stage_durations }: Job): number {
  const told = v.safeParse(toldAmount, stage_durations?.queue_wait_ms);
  return told.success && told.output ? told.output / 1000 : 0;
}

/** Of the server's own clock, but for `wall`. Steps are not told one by one. */
function stagesOf(
  { encode, image, denoise, decode, total }: ProfiledSeconds,
  steps: number,
  inferenceSeconds: number | null | undefined,
  wallSeconds: number,
): RunStages & { readonly wall: Figure } {
  const told = (seconds: number | null | undefined): Figure | null =>
    seconds ? { kind: 'published', seconds, samples: [] } : null;
  return {
    ...NO_STAGES,
    encode: told(encode),
    image: told(image),
    step: denoise ? { kind: 'derived', seconds: denoise / steps, samples: [] } : null,
    decode: told(decode),
    total: told(inferenceSeconds ?? total),
    wall: { kind: 'measured', seconds: wallSeconds, samples: [wallSeconds] },
  };
}
