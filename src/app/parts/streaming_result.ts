/** What a measurement found: the finding, where the time went, the figures, and ways to take them along. */

import { html, nothing, type TemplateResult } from 'lit';
import { remarkText } from '../../words/remarks_en';
import { waitingBars } from '../charts/waiting_bars';
import { contentWidth } from '../state/layout';
import { words } from '../state/settings';
import type { RemarkedResult } from '../state/streaming';
import { spreadText, streamingHeadline, streamingRows, streamingText } from '../streaming_rows';
import { copyButton } from './copy_button';
import { dataTable } from './data_table';
import { emphasised } from './emphasis';
import { kindBadge } from './kind';
import { saveJson } from './save_button';

/** Beside the chart, where there is room for both. */
const TABLE_WIDTH = 480;

export function streamingResult(result: RemarkedResult): TemplateResult {
  const { weights, result: names } = words.value;
  const { result: say } = weights.streaming;
  const sentence = streamingHeadline(result, words.value);
  const { brought, step } = result;
  const width = contentWidth.value > 2 * TABLE_WIDTH ? contentWidth.value - TABLE_WIDTH - 32 : contentWidth.value;
  return html`
    <article class="result streaming-result" aria-labelledby="streaming-result-heading">
      <h3 id="streaming-result-heading" class="eyebrow">${say.heading}</h3>
      <p class="headline">${emphasised(sentence)}</p>
      <p class="basis">${kindBadge(step.kind)} <span>${spreadText(result, words.value)}</span></p>
      ${result.remarks.map((remark) => html`<p class="notice warn">${remarkText(remark, words.value)}</p>`)}
      <div class="beside">
        ${
          brought
            ? html`<figure class="chart">
                <figcaption class="visually-hidden">${sentence.replaceAll('**', '')}</figcaption>
                ${waitingBars({ ...brought, stepSeconds: step.seconds, width, name: sentence.replaceAll('**', '') })}
                <p class="note">${say.explain}</p>
              </figure>`
            : nothing
        }
        ${dataTable({
          caption: say.heading,
          columns: [
            { head: say.what, cell: ({ name }) => name },
            { head: say.value, cell: ({ value }) => value },
          ],
          rows: streamingRows(result, words.value),
        })}
      </div>
      <div class="actions">
        <button @click=${() => saveJson(`wanscope-streaming-${result.createdAt.slice(0, 10)}-${result.preset}`, result)}>
          ${names.save}
        </button>
        ${copyButton('streaming', names.copy, () => streamingText(result, words.value))}
      </div>
    </article>
  `;
}
