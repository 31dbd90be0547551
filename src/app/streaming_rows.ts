/** A streaming result as rows of words and as text to paste. Pure. */

import type { StreamingResult } from '../../workers/engine_api';
import type { Remark } from '../core/events';
import type { Words } from '../words/en';
import { byteCount, duration, grouped, percent, rate } from '../words/format';
import { remarkText } from '../words/remarks_en';

/** The finding, in a sentence; what is between ** is emphasised where it is shown. */
export function streamingHeadline({ step, brought }: StreamingResult, words: Words): string {
  const { result: say } = words.weights.streaming;
  const time = duration(step.seconds, words);
  if (!brought) return say.stays(time);
  const { exposedSeconds, bytes } = brought;
  // Less than a hundredth of a step is no waiting that anybody would notice.
  if (exposedSeconds < step.seconds / 100) return say.hidden(time, byteCount(bytes));
  return say.exposed(time, duration(exposedSeconds, words), percent(exposedSeconds / step.seconds));
}

export function spreadText({ step: { samples } }: StreamingResult, words: Words): string {
  const { result: say } = words.weights.streaming;
  if (samples.length < 2) return say.one;
  const [low, high] = [Math.min(...samples), Math.max(...samples)];
  return say.spread(duration(low, words), duration(high, words), samples.length);
}

export interface StreamingRow {
  readonly name: string;
  readonly value: string;
}

export function streamingRows(result: StreamingResult, words: Words): StreamingRow[] {
  const { result: say, residencies, sizeLine } = words.weights.streaming;
  const { rows: names } = say;
  const { brought, machine, memoryBytes, residency } = result;
  const streamsAll = residency === 'stream' && memoryBytes === null;
  const [width = '', frames = ''] = /^(\d+x\d+)x(\d+)$/.exec(result.preset)?.slice(1) ?? [];
  const row = (name: string, value: string): StreamingRow => ({ name, value });
  return [
    row(names.step, say.median(duration(result.step.seconds, words), spreadText(result, words))),
    ...(brought
      ? [
          row(names.exposed, duration(brought.exposedSeconds, words)),
          row(names.hidden, duration(brought.hiddenSeconds, words)),
          row(names.brought, byteCount(brought.bytes)),
          row(names.rate, rate(brought.bytesPerSecond, 'B/s')),
        ]
      : []),
    row(names.resident, byteCount(result.residentBytes)),
    row(names.streamed, byteCount(result.streamedBytes)),
    row(names.peak, byteCount(result.peakGpuBytes)),
    row(names.load, duration(result.loadSeconds, words)),
    row(names.size, sizeLine(width.replace('x', '×'), Number(frames), grouped(result.tokens))),
    row(names.weights, say.with(weightsName(result.weights, words), result.activations)),
    row(names.residency, residencies[streamsAll ? 'all' : residency]),
    row(names.budget, memoryBytes === null ? say.noBudget : byteCount(memoryBytes)),
    row(names.machine, `${machine.adapter} · ${machine.runtime}`),
  ];
}

/** Made-up weights in the reader's words (the label is src/pipeline/memory_source.ts's); of shards, the first for all. */
function weightsName(label: string, words: Words): string {
  const type = /^synthetic (\w+) from memory$/.exec(label)?.[1];
  if (type) return words.weights.streaming.madeUp(type);
  const [first, ...more] = label.split(', ');
  return more.length > 0 ? `${first} ${words.weights.card.more(more.length)}` : label;
}

/** Reads plainly, renders as Markdown. */
export function streamingText(result: StreamingResult & { readonly remarks: readonly Remark[] }, words: Words): string {
  const { result: say } = words.weights.streaming;
  return [
    `# WanScope ${result.engineVersion}: ${words.weights.streaming.heading}`,
    '',
    streamingHeadline(result, words),
    ...result.remarks.flatMap((remark) => ['', remarkText(remark, words)]),
    '',
    `| ${say.what} | ${say.value} |`,
    '| --- | --- |',
    ...streamingRows(result, words).map(({ name, value }) => `| ${name} | ${value} |`),
    '',
  ].join('\n');
}
