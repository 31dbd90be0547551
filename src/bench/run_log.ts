/** What goes on during a run, from its first moment: spans in lanes, and the GPU memory in use. Few enough for a link. */
import { nowMs } from '../core/clock';
import type { MemorySample, Span } from '../core/result';
import type { Memory } from '../gpu/memory';
import type { WeightSource } from '../pipeline/weight_source';

type Lane = Span['lane'];

export interface RunLog {
  /** Begins a span; the result ends it. */
  begin(lane: Lane, label: string): () => void;
  /** A span of this length that ends now. */
  ended(lane: Lane, seconds: number, label: string): void;
  readonly timeline: readonly Span[];
  readonly memory: readonly MemorySample[];
  /** Stops watching the memory. */
  close(): void;
}

const MOST_SPANS = 200;
const MOST_SAMPLES = 200;

export function openLog(memory: Pick<Memory, 'bytes' | 'watch'>, now: () => number = nowMs): RunLog {
  const began = now();
  const secondsNow = () => (now() - began) / 1000;
  const spans: Span[] = [];
  const samples: MemorySample[] = [{ atSeconds: 0, bytes: memory.bytes }];
  const unwatch = memory.watch((bytes) => samples.push({ atSeconds: secondsNow(), bytes }));
  return {
    begin(lane, label) {
      const fromSeconds = secondsNow();
      return () => void spans.push({ lane, fromSeconds, toSeconds: secondsNow(), label });
    },
    ended(lane, seconds, label) {
      const toSeconds = secondsNow();
      spans.push({ lane, fromSeconds: Math.max(0, toSeconds - seconds), toSeconds, label });
    },
    get timeline() {
      return mergeSpans(spans, MOST_SPANS);
    },
    get memory() {
      return thinSamples([...samples, { atSeconds: secondsNow(), bytes: memory.bytes }], MOST_SAMPLES);
    },
    close: unwatch,
  };
}

/**
 * Neighbours in a lane become one until there are few enough: those of one label first, with the least idle time between
 * them; those of two labels, which is then lost, last. In order of time.
 */
export function mergeSpans(spans: readonly Span[], most: number): Span[] {
  const inTime = spans.toSorted((a, b) => a.fromSeconds - b.fromSeconds);
  const lastOf = new Map<Lane, Span>();
  const seams: { span: Span; gap: number; loses: number }[] = [];
  for (const span of inTime) {
    const before = lastOf.get(span.lane);
    lastOf.set(span.lane, span);
    if (before)
      seams.push({ span, gap: span.fromSeconds - before.toSeconds, loses: before.label === span.label ? 0 : 1 });
  }
  seams.sort((a, b) => a.loses - b.loses || a.gap - b.gap);
  const joined = new Set(seams.slice(0, Math.max(0, inTime.length - most)).map(({ span }) => span));

  const merged: Span[] = [];
  const placeOf = new Map<Lane, number>();
  for (const span of inTime) {
    if (!joined.has(span)) {
      placeOf.set(span.lane, merged.length);
      merged.push(span);
      continue;
    }
    const place = placeOf.get(span.lane)!;
    const before = merged[place]!;
    const label = before.label === span.label ? span.label : '';
    merged[place] = { ...before, toSeconds: Math.max(before.toSeconds, span.toSeconds), label };
  }
  return merged;
}

/** Of each stretch of the run the most that was in use and what was in use at its end, so that neither peak nor end is lost. */
export function thinSamples(samples: readonly MemorySample[], most: number): MemorySample[] {
  if (samples.length <= most) return [...samples];
  const stretches = most / 2;
  const length = samples.at(-1)!.atSeconds / stretches;
  const kept = new Map<number, { most: MemorySample; last: MemorySample }>();
  for (const sample of samples) {
    const stretch = Math.min(stretches - 1, Math.floor(sample.atSeconds / length));
    const before = kept.get(stretch);
    kept.set(stretch, { most: before && before.most.bytes > sample.bytes ? before.most : sample, last: sample });
  }
  return [...kept.values()].flatMap(({ most, last }) => (most === last ? [last] : [most, last]));
}

/** The source, with what it brings in the log: from when something begins to be read or copied until nothing is. */
export function logged(source: WeightSource, log: RunLog): WeightSource {
  let busyNow = 0;
  let end = () => {};
  const busy = (more: 1 | -1) => {
    if (busyNow === 0) end = log.begin('upload', '');
    busyNow += more;
    if (busyNow === 0) end();
  };
  return {
    ...source,
    async fill(tensors, options) {
      busy(1);
      try {
        await source.fill(tensors, options);
      } finally {
        busy(-1);
      }
    },
    pieces: (tile) =>
      source.pieces(tile).map((piece) => ({
        ...piece,
        bring: (signal, alsoBusy) =>
          piece.bring(signal, (more) => {
            busy(more);
            alsoBusy?.(more);
          }),
      })),
  };
}
