/** What came of a run on a server: both videos, the stages of both, and what keeps them from being twins. */
import { html, nothing, type TemplateResult } from 'lit';
import { runOfClip } from '../../compare/run_of';
import type { ClipResult } from '../../core/clip_run';
import type { Figure } from '../../core/result';
import { RUN_STAGES, type Run, type RunStage } from '../../core/run';
import { byteCount, duration } from '../../words/format';
import { remarkText } from '../../words/remarks_en';
import { wholeBar } from '../charts/bar_rows';
import { stageBars } from '../charts/stage_bars';
import type { BarPart, BarRow } from '../charts/stage_bars_layout';
import { clipNotes, clipText } from '../run_text';
import { saveFile } from '../save_file';
import { contentWidth } from '../state/layout';
import type { LiveDone } from '../state/live';
import { words } from '../state/settings';
import { fileName } from '../video/file_name';
import { dataTable } from './data_table';
import { kindBadge } from './kind';
import { sideBySide } from './side_by_side';

export function liveResult(done: LiveDone): TemplateResult {
  const { result: say } = words.value.live;
  const { run, video, clip, frames } = done;
  return html`
    <article class="live-result" aria-labelledby="live-result-heading">
      <h3 id="live-result-heading" tabindex="-1">${!video ? say.noVideo : frames ? say.heading : say.alone}</h3>
      ${video ? sideBySide(video.address, done) : nothing}
      ${clip && !frames ? html`<p class="note">${say.localGone}</p>` : nothing} ${video ? saveButton(done, video.file) : nothing}
      <h3>${say.chart}</h3>
      ${chart(run, clip)} ${table(run, clip)} ${differences(run, clip)}
      <p class="note">${say.kept}</p>
    </article>
  `;
}

function saveButton({ settings }: LiveDone, file: Blob) {
  const save = () => saveFile(fileName(settings, file.type === 'video/webm' ? 'webm' : 'mp4'), file);
  return html`<p><button type="button" @click=${save}>${words.value.live.result.save}</button></p>`;
}

function chart(run: Run, clip: ClipResult | null) {
  const { result: say } = words.value.live;
  const caption = say.finding(run.name, duration(run.stages.wall!.seconds, words.value));
  // A run that tells no stages has no bar: its times are in the table.
  const rows = [...(clip ? [clipBar(clip)] : []), barOf(run)].filter(({ parts }) => parts?.length);
  if (rows.length === 0) return html`<p>${caption}</p>`;
  return stageBars({ rows, width: contentWidth.value, scale: 'seconds', caption, name: caption });
}

function clipBar(clip: ClipResult): BarRow {
  const run = runOfClip(clip);
  return wholeBar(run, { label: clipText(run.key, words.value), notes: clipNotes(run, words.value), own: true });
}

function barOf({ id, name, device, key, stages: { init, encode, image, step, decode } }: Run): BarRow {
  const parts: readonly [BarPart['stage'], Figure | null][] = [
    ['load', init],
    ['encode', encode],
    ['image', image],
    ['denoise', step && denoiseOf(step, key.steps ?? 0)],
    ['decode', decode],
  ];
  return {
    id,
    label: name,
    notes: [device.name],
    own: false,
    parts: parts.flatMap(([stage, figure]) => (figure ? [{ stage, figure }] : [])),
  };
}

/** Of a server that tells every step it is their sum; else as many as there were, each as long as the one that is told. */
function denoiseOf({ kind, seconds, samples, warmUp = [] }: Figure, steps: number): Figure {
  const all = [...warmUp, ...samples];
  return all.length === steps
    ? { kind, seconds: all.reduce((sum, each) => sum + each, 0), samples: [] }
    : { kind: 'derived', seconds: seconds * steps, samples: [] };
}

interface StageRow {
  readonly stage: RunStage | 'memory';
  readonly here: unknown;
  readonly there: unknown;
}

function table(run: Run, clip: ClipResult | null) {
  const { result: say } = words.value.live;
  const own: Partial<Record<RunStage, Figure | null>> = clip ? { ...clip.stages, init: clip.stages.load } : {};
  const stages = RUN_STAGES.filter((stage) => own[stage] || run.stages[stage]);
  const rows: StageRow[] = [
    ...stages.map((stage) => ({ stage, here: figureCell(own[stage]), there: figureCell(run.stages[stage]) })),
    ...(clip || run.peakMemoryBytes !== null
      ? [{ stage: 'memory' as const, here: bytesCell(clip?.peakGpuBytes), there: bytesCell(run.peakMemoryBytes) }]
      : []),
  ];
  return dataTable<StageRow>({
    caption: say.table,
    columns: [
      { head: say.stage, cell: ({ stage }) => say.stages[stage] },
      ...(clip ? [{ head: say.here, numeric: true, cell: ({ here }: StageRow) => here }] : []),
      { head: say.there, numeric: true, cell: ({ there }) => there },
    ],
    rows,
  });
}

const figureCell = (figure: Figure | null | undefined) =>
  figure
    ? html`${duration(figure.seconds, words.value)} <small>${kindBadge(figure.kind)}</small>`
    : words.value.live.result.untold;

const bytesCell = (bytes: number | null | undefined) =>
  bytes == null ? words.value.live.result.untold : byteCount(bytes);

function differences({ remarks, extra }: Run, clip: ClipResult | null) {
  const { result: say } = words.value.live;
  const there = typeof extra.model === 'string' ? extra.model : say.modelUntold;
  return html`
    <h3>${say.differences}</h3>
    <ul class="prose">
      ${clip ? html`<li>${say.models(`${clip.model} (${clip.weights})`, there)}</li>` : nothing}
      ${remarks.map((remark) => html`<li>${remarkText(remark, words.value)}</li>`)}
    </ul>
  `;
}
