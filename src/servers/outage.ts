/** What is begun on a server goes on while the way to it is cut, and what is measured stays measured without its video. */
import { nowMs } from '../core/clock';
import { AppError } from '../core/errors';
import type { Run } from '../core/run';
import { askVideo, type Line, persist, type Question } from './exchange';
import { hostOf, type ServerProgress, type ServerRun } from './server';

type OnProgress = (progress: ServerProgress) => void;

/** A line whose questions are asked until then, whatever passes meanwhile. */
export function enduring<T extends Line>(line: T, untilMs: number, onProgress: OnProgress): T {
  return { ...line, outage: { untilMs, onFailure: () => onProgress({ activity: 'silent', done: 0, total: 0 }) } };
}

/** Throws cancelled alone. */
export async function withVideo(line: Line, run: Run, question: Question, onProgress: OnProgress): Promise<ServerRun> {
  const gone = `${hostOf(line.server)} has no file of it (status 404).`;
  const fetching = () => onProgress({ activity: 'fetching', done: 0, total: 0 });
  const known = enduring(line, nowMs() + line.patience.outageSeconds * 1000, onProgress);
  try {
    const video = await persist(known, () => {
      fetching();
      return askVideo(known, { ...question, gone });
    });
    return { run, video };
  } catch (failure) {
    if (!(failure instanceof AppError) || failure.code === 'cancelled') throw failure;
    const remark = { code: 'no-video', values: { reason: failure.message } } as const;
    return { run: { ...run, remarks: [...run.remarks, remark] }, video: null };
  }
}
