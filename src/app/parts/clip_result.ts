/** Of a finished video: its settings as a line, ways to take it along, and where the time went. */
import { html, nothing, type TemplateResult } from 'lit';
import { clipLine } from '../../core/clip_line';
import type { ClipResult } from '../../core/clip_run';
import type { Figure } from '../../core/result';
import { byteCount, duration } from '../../words/format';
import { busy } from '../state/busy';
import { canBeMade } from '../state/clip_form';
import { makeWithNewSeed } from '../state/making';
import { keepClip } from '../state/own_runs';
import { words } from '../state/settings';
import { copyButton } from './copy_button';
import { dataTable } from './data_table';
import { saveRow } from './save_row';

export function clipResult(result: ClipResult): TemplateResult {
  const { generate, remarks } = words.value;
  const { result: say } = generate;
  const line = clipLine(result.settings);
  return html`
    <article class="clip-result" aria-label=${generate.stage}>
      ${saveRow(result)}
      <div class="settings-line">
        <h3 class="visually-hidden">${say.heading}</h3>
        <code>${unbroken(line)}</code>
        ${copyButton('clip-line', say.copy, () => line)}
      </div>
      <div class="actions">
        <button type="button" ?disabled=${busy.value !== null || !canBeMade.value} @click=${makeWithNewSeed}>${say.again}</button>
        <a class="button" href="#compare" @click=${() => keepClip(result)}>${say.compare}</a>
      </div>
      <details>
        <summary>${say.times}</summary>
        ${times(result)}
        ${result.machine.software ? html`<p class="notice warn">${remarks['software-adapter'](result.machine)}</p>` : nothing}
      </details>
    </article>
  `;
}

/** An option's two dashes stay with its name where the line wraps. */
const unbroken = (line: string) =>
  line
    .split(/(?=--\w)|(?<=--\w+)/)
    .map((part) => (part.startsWith('--') ? html`<span class="option">${part}</span>` : part));

interface TimeRow {
  readonly name: string;
  readonly time: string;
  readonly detail: string;
}

function times(result: ClipResult) {
  const { result: say } = words.value.generate;
  const notes = [
    ...(result.resumedSteps > 0 ? [say.resumed(result.resumedSteps)] : []),
    say.peak(byteCount(result.peakGpuBytes)),
  ];
  return html`
    ${dataTable<TimeRow>({
      caption: say.times,
      columns: [
        {
          head: say.stage,
          cell: ({ name, detail }) => html`${name} ${detail ? html`<small>${detail}</small>` : nothing}`,
        },
        { head: say.time, numeric: true, cell: ({ time }) => time },
      ],
      rows: timeRows(result),
      rowClass: ({ name }) => (name === say.stages.total ? 'total' : ''),
    })}
    <p class="note">${notes.join(' ')}</p>
  `;
}

/** In the order of the run. The steps are summed up: their median stands beside. */
function timeRows({ stages }: ClipResult): TimeRow[] {
  const { result: say } = words.value.generate;
  const row = (stage: keyof typeof stages, seconds: number, detail = ''): TimeRow => {
    return { name: say.stages[stage], time: duration(seconds, words.value), detail };
  };
  const denoise = ({ samples, seconds }: Figure) =>
    row(
      'step',
      samples.reduce((sum, each) => sum + each, 0),
      say.steps(samples.length, duration(seconds, words.value)),
    );
  return [
    row('load', stages.load.seconds),
    stages.encode ? row('encode', stages.encode.seconds) : { name: say.stages.encode, time: '–', detail: say.kept },
    ...(stages.image ? [row('image', stages.image.seconds)] : []),
    ...(stages.step ? [denoise(stages.step)] : []),
    row('decode', stages.decode.seconds),
    row('total', stages.total.seconds),
  ];
}
