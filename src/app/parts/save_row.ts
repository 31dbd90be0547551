/** Ways to keep a video: as a file of whichever kinds this browser can encode, and as pictures. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipResult } from '../../core/clip_run';
import { clipFrames } from '../state/film';
import { frameIndex } from '../state/player';
import {
  containers,
  containersFailure,
  findContainers,
  type Saving,
  saveFrame,
  saveFrames,
  saveVideo,
  saving,
  stopSaving,
} from '../state/saving';
import { words } from '../state/settings';
import { isWhole } from '../video/clip_frames';
import { failureNote } from './failure_note';

export function saveRow(result: ClipResult): TemplateResult | typeof nothing {
  const { save: say } = words.value.generate;
  const clip = clipFrames.value;
  if (!clip || !isWhole(clip)) return nothing;
  const state = saving.value;
  const isBusy = state.name === 'running';
  const isMine = state.name !== 'idle' && state.of === result;
  const kinds = containers.value;
  const unknown = containersFailure.value;
  return html`
    <div class="actions saves">
      ${kinds?.map(
        (kind, i) =>
          html`<button type="button" class=${i === 0 ? 'primary' : ''} aria-disabled=${isBusy} @click=${() => saveVideo(clip, result, kind)}>
            ${say[kind]}
          </button>`,
      )}
      <button type="button" aria-disabled=${isBusy} @click=${() => saveFrame(clip, result, frameIndex.value)}>${say.png}</button>
      <button type="button" aria-disabled=${isBusy} @click=${() => saveFrames(clip, result)}>${say.zip}</button>
    </div>
    ${unknown ? failureNote(unknown, { heading: say.unknown, again: () => findContainers(result.settings) }) : nothing}
    ${kinds === null && !unknown ? html`<p class="note">${say.looking}</p>` : nothing}
    ${kinds?.length === 0 ? html`<p class="note">${say.none}</p>` : nothing}
    ${
      isBusy
        ? html`<div class="saving">
            <progress max=${state.total} value=${state.done} aria-label=${progressText(state, isMine)}></progress>
            <span>${progressText(state, isMine)}</span>
            <button type="button" @click=${stopSaving}>${say.cancel}</button>
          </div>`
        : nothing
    }
    <p class="saved" role="status">${isMine ? endText(state) : ''}</p>
    ${isMine && state.name === 'failed' ? failureNote(state.failure, { heading: say.failed }) : nothing}
  `;
}

/** While the video before is saved, nothing else is. */
function progressText({ done, total }: Saving & { name: 'running' }, isMine: boolean): string {
  const { save: say } = words.value.generate;
  return (isMine ? say.running : say.runningBefore)(done, total);
}

function endText({ name }: Saving): string {
  const { save: say } = words.value.generate;
  return name === 'done' || name === 'stopped' ? say[name] : '';
}
