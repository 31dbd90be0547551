/** How a prompt ended, as ComfyUI's history has it. */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { AppError, excerpt } from '../core/errors';
import { askJson, type Line, persist } from './exchange';
import { type Addressee, hostOf } from './server';
import { wordsOf } from './server_failures';

const file = v.looseObject({
  filename: v.string(),
  subfolder: v.optional(v.string(), ''),
  type: v.optional(v.string(), 'output'),
});

const entry = v.looseObject({
  outputs: v.record(v.string(), v.record(v.string(), v.unknown())),
  status: v.nullish(
    v.looseObject({
      completed: v.optional(v.boolean()),
      messages: v.optional(v.array(v.tuple([v.string(), v.record(v.string(), v.unknown())])), []),
    }),
  ),
});

export interface ComfyEnd {
  readonly id: string;
  readonly outputs: v.InferOutput<typeof entry>['outputs'];
  readonly messages: readonly (readonly [string, Readonly<Record<string, unknown>>])[];
  /** By the server's own clock, in whole milliseconds. */
  readonly totalSeconds: number | null;
}

const queue = v.looseObject({
  queue_running: v.array(v.array(v.unknown())),
  queue_pending: v.array(v.array(v.unknown())),
});

/** Null where the answer is none of a queue. */
export async function askQueue(
  line: Line,
): Promise<{ running: readonly unknown[]; pending: readonly unknown[] } | null> {
  const answer = await askJson(line, { path: '/queue', what: 'The queue', isList: true });
  const read = checked(queue, answer);
  if (!read.success) return null;
  const idsOf = (entries: readonly unknown[][]) => entries.map(([, id]) => id);
  return { running: idsOf(read.output.queue_running), pending: idsOf(read.output.queue_pending) };
}

/**
 * How it ended; null while it is queued or running. Throws job-failed where it is neither: then the server was started anew
 * or someone took it out of the queue.
 */
export async function endOrQueued(line: Line, id: string): Promise<ComfyEnd | null> {
  const queued = await persist(line, () => askQueue(line));
  // In this order: a prompt leaves the queue and enters the history at once.
  const end = await endOf(line, id);
  const isQueued = !queued || queued.running.includes(id) || queued.pending.includes(id);
  if (end || isQueued) return end;
  throw new AppError(
    'job-failed',
    `ComfyUI at ${hostOf(line.server)} no longer knows prompt ${id}: it was started anew, or someone cleared its queue. Start again.`,
  );
}

/** Null where there is none yet. Throws job-failed where it failed or was interrupted. */
async function endOf(line: Line, id: string): Promise<ComfyEnd | null> {
  const path = `/history/${encodeURIComponent(id)}`;
  const answer = await persist(line, () => askJson(line, { path, what: `The history of prompt ${id}` }));
  const found = (answer as Record<string, unknown> | null)?.[id];
  if (found === undefined) return null;
  const read = checked(entry, found);
  if (!read.success)
    throw new AppError(
      'file-invalid',
      `The history of prompt ${id} at ${hostOf(line.server)} is not understood: ${excerpt(v.getDotPath(read.issues[0]) ?? 'it')} should be ${read.issues[0].expected}. Is this ComfyUI newer than this page?`,
    );
  const { outputs, status } = read.output;
  const messages = status?.messages ?? [];
  for (const [type, data] of messages) throwIfFailed(line.server, type, data);
  const at = (type: string) => messages.find(([name]) => name === type)?.[1].timestamp;
  const [begin, end] = [at('execution_start'), at('execution_success')];
  const seconds = typeof begin === 'number' && typeof end === 'number' ? (end - begin) / 1000 : 0;
  const totalSeconds = seconds > 0 && Number.isFinite(seconds) ? seconds : null;
  return { id, outputs, messages, totalSeconds };
}

/** A message over the socket and in the history alike. */
export function throwIfFailed(server: Addressee, type: string, data: Readonly<Record<string, unknown>>): void {
  const host = hostOf(server);
  if (type === 'execution_interrupted')
    throw new AppError(
      'job-failed',
      `ComfyUI at ${host} was interrupted by someone else in the node ${wordsOf(data.node_type)}. Start again.`,
    );
  if (type !== 'execution_error') return;
  const said = wordsOf(data.exception_message ?? 'nothing about why').trim();
  throw new AppError(
    'job-failed',
    `ComfyUI at ${host} failed in the node ${wordsOf(data.node_type)}: ${wordsOf(data.exception_type ?? 'an error')}. It says: ${said}`,
  );
}

/** The path of the saved video. Older versions list it among pictures, others among videos. Throws file-invalid. */
export function videoOf({ id, outputs }: ComfyEnd, server: Addressee): string {
  const files = Object.values(outputs)
    .flatMap((lists) => Object.values(lists))
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((each) => {
      const read = checked(file, each);
      return read.success ? [read.output] : [];
    });
  const video = files.find(({ filename }) => /\.(mp4|webm)$/i.test(filename));
  if (video) {
    const { filename, subfolder, type } = video;
    return `/view?${new URLSearchParams({ filename, subfolder, type })}`;
  }
  throw new AppError(
    'file-invalid',
    `Prompt ${id} at ${hostOf(server)} ended without a video: its outputs are ${excerpt(files.map(({ filename }) => filename).join(', ')) || 'none'}.`,
  );
}
