/** How long decoding waited for whoever takes its frames: that time is theirs, and frames are taken while the next are computed. */
import { nowMs } from '../core/clock';
import type { RunTime } from '../gpu/run';

interface Span {
  readonly beganMs: number;
  readonly endedMs: number;
}

export function watchTaking() {
  const runs: Span[] = [];
  const takings: Span[] = [];
  return {
    /** To be called as a run of the GPU ends. */
    onRun({ wallSeconds }: Pick<RunTime, 'wallSeconds'>): void {
      const endedMs = nowMs();
      runs.push({ beganMs: endedMs - wallSeconds * 1000, endedMs });
    },
    async take(frames: () => void | Promise<void>): Promise<void> {
      const beganMs = nowMs();
      await frames();
      takings.push({ beganMs, endedMs: nowMs() });
    },
    /** Of taking, while the GPU had nothing to do. */
    seconds: (): number => takings.reduce((sum, taking) => sum + millisecondsWithout(taking, runs), 0) / 1000,
  };
}

/** Of the span, outside of the others, which do not overlap. */
const millisecondsWithout = ({ beganMs, endedMs }: Span, others: readonly Span[]): number =>
  others.reduce(
    (left, other) => left - Math.max(0, Math.min(endedMs, other.endedMs) - Math.max(beganMs, other.beganMs)),
    endedMs - beganMs,
  );
