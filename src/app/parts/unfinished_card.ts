/** A video that was begun and not finished, as its last step left it. */
import { html, nothing, type TemplateResult } from 'lit';
import type { UnfinishedClip } from '../../core/clip_run';
import { size as sizeText } from '../../words/format';
import { busy } from '../state/busy';
import { discard, goOn } from '../state/making';
import { words } from '../state/settings';
import { openedModel } from '../state/video_model';
import { dotted } from './dotted';
import { focusSoon } from './focus';

export function unfinishedCard(left: UnfinishedClip): TemplateResult {
  const { unfinished: say } = words.value.generate;
  const { settings, model, modelFingerprint, hasImage, stepsDone, steps } = left;
  const opened = openedModel.value;
  const isSameModel = opened.name === 'ready' && opened.model.fingerprint === modelFingerprint;
  return html`<article class="card unfinished" aria-labelledby="unfinished-heading">
    <h3 id="unfinished-heading">${say.heading(stepsDone, steps)}</h3>
    <p>
      ${dotted([say.what(settings.prompt, sizeText(settings), settings.frames), model, ...(hasImage ? [say.withPicture] : [])])}
    </p>
    ${isSameModel || opened.name !== 'ready' ? nothing : html`<p class="note">${say.otherModel(model)}</p>`}
    <div class="actions">
      <button type="button" class="primary" ?disabled=${!isSameModel || busy.value !== null} @click=${begin}>${say.goOn}</button>
      <button type="button" @click=${drop}>${say.discard}</button>
    </div>
  </article>`;
}

/** The card goes, and with it the button that was pressed. */
async function begin(): Promise<void> {
  const made = goOn();
  focusSoon('.make-row button');
  await made;
}

async function drop(): Promise<void> {
  focusSoon('.make-row button');
  await discard();
}
