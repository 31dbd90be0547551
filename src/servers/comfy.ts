/**
 * A video by ComfyUI: a graph is sent, its progress comes over a WebSocket, and the history says how it ended.
 *
 *     POST /prompt → {prompt_id}      /ws: executing, progress, execution_success | _error | _interrupted
 *     GET /history/{id} → outputs     GET /view → the file     POST /queue, /interrupt → taken back
 *
 * Messages: ComfyUI's server.py and execution.py. The file stays in its output folder: there is no way to delete it.
 */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { nowMs } from '../core/clock';
import { AppError, excerpt } from '../core/errors';
import { WAN22 } from '../core/wan22_name';
import { jobId } from './answer_parts';
import { comfyGraph, isNodeId, type NodeId, stageOf } from './comfy_graph';
import { askQueue, type ComfyEnd, endOrQueued, throwIfFailed, videoOf } from './comfy_history';
import { findComfyModels } from './comfy_models';
import { type ComfyMessage, ComfySocket } from './comfy_socket';
import { askSystem } from './comfy_system';
import { comfyStages } from './comfy_times';
import { askJson, type KnownLine, type Line, orUndo } from './exchange';
import { enduring, withVideo } from './outage';
import { hostOf, type ServerProgress, type ServerRun, type ServerWish } from './server';
import { notTakenAnywhere, serverRun } from './server_run';

type OnProgress = (progress: ServerProgress) => void;

/** Without a message for so long, the history is asked whether the end was missed. */
const SILENCE_SECONDS = 10;

/** The graph has 11 nodes, each of which begins once. A server may say so as often as it likes; what is more is not kept. */
const MOST_NODES = 100;

/** What the messages of one prompt said of its own nodes and its own steps, and when. */
export interface Told {
  readonly nodes: { node: NodeId | null; atMs: number }[];
  /** Of `wanted` at most. */
  readonly steps: { step: number; atMs: number }[];
  cached: readonly NodeId[];
  /** The first of them came: until then it was queued. */
  startedMs?: number;
  step: number;
  readonly wanted: number;
}

/** Throws every AppError that a server, a network or a signal gives rise to. The prompt is taken back where it can be. */
export async function generateByGraph(
  line: KnownLine,
  wish: ServerWish,
  onProgress: OnProgress,
  webSocket: typeof WebSocket | undefined,
): Promise<ServerRun> {
  const { server } = line;
  onProgress({ activity: 'asking', done: 0, total: 0 });
  const system = await askSystem(line);
  const models = await findComfyModels(line);
  const client = crypto.randomUUID();
  const socket = new ComfySocket(line, client, webSocket);
  await socket.open();
  try {
    const beganMs = nowMs();
    const id = await send(line, { prompt: comfyGraph(wish, models, client), client_id: client });
    const told: Told = { nodes: [], steps: [], cached: [], step: 0, wanted: wish.steps };
    const end = await follow(line, socket, id, told, beganMs, onProgress).catch(async (failure) => {
      await takeBack(line, id);
      throw failure;
    });
    const last = told.nodes.at(-1);
    const wallSeconds = ((last?.node === null ? last.atMs : nowMs()) - beganMs) / 1000;
    const question = { path: videoOf(end, server), what: `The video of prompt ${id}` };
    const stages = comfyStages({ ...told, gaps: socket.gaps, totalSeconds: end.totalSeconds, wallSeconds });
    const run = serverRun(server, wish, {
      id,
      model: WAN22, // whatever its file is called
      ...system,
      stages,
      queuedSeconds: queuedSeconds(told, socket.gaps, beganMs),
      timingBoundary: 'from the request to the message that it is done; fetching the video is not in it',
      peakMemoryBytes: null,
      notTaken: [...(wish.schedule === 'even' ? [] : (['schedule'] as const)), ...notTakenAnywhere(wish)],
      perhapsIgnored: [],
      remarks: stages.init ? [{ code: 'cold-start', values: { seconds: stages.init.seconds } }] : [],
      extra: { model: models.unet, models, cached: told.cached, messages: end.messages },
    });
    return await withVideo(line, run, question, onProgress);
  } finally {
    socket.close();
  }
}

/** Where a message may have been lost before, the work may have begun earlier. */
function queuedSeconds({ startedMs }: Told, gaps: readonly number[], beganMs: number): number {
  const isKnown = startedMs !== undefined && !gaps.some((gap) => gap < startedMs);
  return isKnown ? (startedMs - beganMs) / 1000 : 0;
}

const accepted = v.looseObject({ prompt_id: jobId });

function send(line: Line, json: object): Promise<string> {
  const question = { method: 'POST', path: '/prompt', what: 'The graph', json } as const;
  const ask = async () => {
    const answer = await askJson({ ...line, signal: undefined }, question);
    const read = checked(accepted, answer);
    if (read.success) return read.output.prompt_id;
    throw new AppError(
      'file-invalid',
      `ComfyUI at ${hostOf(line.server)} took the graph and gave no prompt_id: "${excerpt(JSON.stringify(answer))}".`,
    );
  };
  return orUndo(line, ask, (late) => takeBack(line, late));
}

async function follow(
  line: Line,
  socket: ComfySocket,
  id: string,
  told: Told,
  beganMs: number,
  onProgress: OnProgress,
): Promise<ComfyEnd> {
  const { jobSeconds, firstPollSeconds } = line.patience;
  let last: ServerProgress = { activity: 'queued', done: 0, total: 0 };
  const tell = (progress: ServerProgress) => {
    last = progress;
    onProgress(progress);
  };
  tell(last);
  const known = enduring(line, beganMs + jobSeconds * 1000, onProgress);
  let silenceSeconds = SILENCE_SECONDS;
  for (let gaps = 0; ; ) {
    const secondsLeft = jobSeconds - (nowMs() - beganMs) / 1000;
    if (secondsLeft <= 0) throw tooLate(line, id, told, nowMs() - beganMs);
    const message = await socket.next(Math.min(silenceSeconds, secondsLeft));
    // What was missed while the connection was gone, or silent, is in the history: the end above all.
    const ended = message ? takeMessage(line, message, id, told, tell) : false;
    if (!ended && message && gaps === socket.gaps.length) continue;
    gaps = socket.gaps.length;
    const end = await endOrQueued(known, id);
    if (end) return end;
    onProgress(last); // the server may have been silent
    // The history is written just after the last message.
    if (ended) silenceSeconds = firstPollSeconds;
  }
}

/** Whether it is the message of the end. Throws job-failed where it says so. */
export function takeMessage(
  line: Line,
  message: ComfyMessage,
  id: string,
  told: Told,
  onProgress: OnProgress,
): boolean {
  const { type, data, atMs } = message;
  if (data.prompt_id !== id) return false; // the queue's state, and others' prompts
  told.startedMs ??= atMs;
  throwIfFailed(line.server, type, data);
  const node = isNodeId(data.node) ? data.node : null;
  switch (type) {
    case 'execution_cached':
      told.cached = Array.isArray(data.nodes) ? [...new Set(data.nodes.filter(isNodeId))] : [];
      return false;
    case 'executing':
      if (typeof data.node === 'string' && node === null) return false; // none of the graph's
      if (told.nodes.length < MOST_NODES) told.nodes.push({ node, atMs });
      if (node !== null) onProgress({ activity: stageOf(node) ?? 'working', done: 0, total: 0 });
      return node === null;
    case 'progress': {
      const { value: step } = data;
      if (node !== 'sampler' || typeof step !== 'number' || !Number.isSafeInteger(step)) return false;
      if (!(step > told.step && step <= told.wanted)) return false;
      told.step = step;
      told.steps.push({ step, atMs });
      onProgress({ activity: 'denoise', done: step, total: told.wanted });
      return false;
    }
    case 'execution_success':
      if (told.nodes.at(-1)?.node !== null && told.nodes.length < MOST_NODES) told.nodes.push({ node: null, atMs });
      return true;
    default:
      return false;
  }
}

function tooLate({ server, patience }: Line, id: string, { step, nodes }: Told, ms: number): AppError {
  const where = nodes.at(-1)?.node ?? 'queue';
  return new AppError(
    'timed-out',
    `Prompt ${id} on ${hostOf(server)} was at step ${step}, in "${where}", after ${(ms / 1000).toFixed(1)} s; the limit is ${patience.jobSeconds} s. It was taken back. Raise the limit, ask for less, or see what else the server is doing.`,
  );
}

/**
 * Out of the queue, and interrupted where it is what runs: before August 2025 ComfyUI passed over whose prompt was meant, and
 * interrupted anybody's. That this may fail is no news to whoever waits.
 */
async function takeBack(line: Line, id: string): Promise<void> {
  const bounded = { ...line, signal: AbortSignal.timeout(line.patience.cancelSeconds * 1000) };
  const ask = (path: string, json: object) =>
    askJson(bounded, { method: 'POST', path, what: `Taking back prompt ${id}`, json }).catch(() => undefined);
  await ask('/queue', { delete: [id] });
  const queued = await askQueue(bounded).catch(() => null);
  if (queued?.running.includes(id)) await ask('/interrupt', { prompt_id: id });
}
