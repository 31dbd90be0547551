/** What of the model this browser has, and what it costs to run what does not fit. Models need no GPU. */
import { html, type TemplateResult } from 'lit';
import { addModel } from '../parts/add_model';
import { downloadMilestones } from '../parts/download_line';
import { modelList } from '../parts/model_list';
import { streamingPanel } from '../parts/streaming_panel';
import { words } from '../state/settings';

export function weightsView(): TemplateResult {
  const { weights } = words.value;
  return html`
    <div class="opening">
      <h1 tabindex="-1">${weights.title}</h1>
      <p class="lead">${weights.lead}</p>
    </div>
    <section class="your-models" aria-labelledby="models-heading">
      <h2 id="models-heading">${weights.models.heading}</h2>
      <p class="prose">${weights.models.what}</p>
      ${addModel()} ${modelList()} ${downloadMilestones()}
    </section>
    ${streamingPanel()}
  `;
}
