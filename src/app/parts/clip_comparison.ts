/** Videos made here beside one another: each with what it was, for no two need be the same work. */
import { html, nothing, type TemplateResult } from 'lit';
import { tokensOfClip } from '../../core/clip';
import type { ClipResult } from '../../core/clip_run';
import type { Figure } from '../../core/result';
import { byteCount, duration, grouped, size as sizeText } from '../../words/format';
import { stageBars } from '../charts/stage_bars';
import type { BarRow } from '../charts/stage_bars_layout';
import { contentWidth } from '../state/layout';
import { stepsOfClip } from '../state/live';
import { comparedClips } from '../state/results';
import { words } from '../state/settings';
import { dataTable } from './data_table';

export function clipComparison(): TemplateResult | typeof nothing {
  const { compared: say } = words.value.generate;
  const clips = comparedClips.value;
  if (clips.length === 0) return nothing;
  const rows = clips.map(clipBar);
  const finding = findingOf(rows[0]!);
  return html`
    <section class="compared-clips" aria-labelledby="clips-heading">
      <h2 id="clips-heading">${say.heading}</h2>
      <p class="note prose">${say.note}</p>
      ${stageBars({ rows, width: contentWidth.value, scale: 'seconds', caption: finding, name: finding })} ${table(clips)}
    </section>
  `;
}

export function clipBar(clip: ClipResult): BarRow {
  const { size: say, compared } = words.value.generate;
  const { settings, model, createdAt, stages, resumedSteps } = clip;
  const denoise = denoiseOf(clip);
  return {
    id: createdAt,
    label: say.line(sizeText(settings), settings.frames),
    notes: [model, ...(resumedSteps > 0 ? [compared.resumed(resumedSteps)] : [])],
    own: true,
    parts: [
      { stage: 'load', figure: stages.load },
      ...(stages.encode ? [{ stage: 'encode' as const, figure: stages.encode }] : []),
      ...(stages.image ? [{ stage: 'image' as const, figure: stages.image }] : []),
      ...(denoise ? [{ stage: 'denoise' as const, figure: denoise }] : []),
      { stage: 'decode', figure: stages.decode },
    ],
  };
}

/** Of one that went on, all steps are taken to be as long as those of the second session. */
function denoiseOf({ stages: { step }, resumedSteps }: ClipResult): Figure | null {
  if (!step) return null;
  if (resumedSteps > 0)
    return { kind: 'derived', seconds: step.seconds * (resumedSteps + step.samples.length), samples: [] };
  return { ...step, seconds: step.samples.reduce((sum, seconds) => sum + seconds, 0) };
}

function findingOf({ parts }: BarRow): string {
  const { generate, stages } = words.value;
  const all = [...(parts ?? [])].sort((a, b) => b.figure.seconds - a.figure.seconds);
  const total = all.reduce((sum, { figure }) => sum + figure.seconds, 0);
  const [longest] = all;
  return longest
    ? generate.compared.finding(stages[longest.stage], Math.round((100 * longest.figure.seconds) / total))
    : '';
}

function table(clips: readonly ClipResult[]) {
  const { generate, yes, no } = { ...words.value, ...words.value.result };
  const { heading, columns, offload, kept } = generate.compared;
  const time = (figure: Figure | null) => (figure ? duration(figure.seconds, words.value) : kept);
  return dataTable<ClipResult>({
    caption: heading,
    columns: [
      { head: columns.model, cell: ({ model }) => model },
      { head: columns.size, cell: ({ settings }) => sizeText(settings) },
      { head: columns.frames, numeric: true, cell: ({ settings }) => settings.frames },
      { head: columns.patches, numeric: true, cell: ({ settings }) => grouped(tokensOfClip(settings)) },
      { head: columns.steps, numeric: true, cell: stepsOfClip },
      { head: columns.guidance, cell: ({ settings }) => (settings.guidance === 1 ? no : yes) },
      { head: columns.weights, cell: ({ weights, activations }) => html`${weights} <small>${activations}</small>` },
      { head: columns.offload, cell: (clip) => offload[clip.offload] },
      { head: columns.encode, numeric: true, cell: ({ stages }) => time(stages.encode) },
      { head: columns.step, numeric: true, cell: ({ stages }) => time(stages.step) },
      { head: columns.decode, numeric: true, cell: ({ stages }) => time(stages.decode) },
      { head: columns.total, numeric: true, cell: totalOf },
      { head: columns.memory, numeric: true, cell: ({ peakGpuBytes }) => byteCount(peakGpuBytes) },
    ],
    rows: clips,
  });
}

/** Of this session; what an earlier one took is not known. */
const totalOf = ({ stages, resumedSteps }: ClipResult) => html`
  ${duration(stages.total.seconds, words.value)}
  ${resumedSteps > 0 ? html`<small>${words.value.generate.compared.resumed(resumedSteps)}</small>` : nothing}
`;
