/** From a prompt to a video: the form on the left, the video on the right. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipSettings } from '../../core/clip';
import type { VideoModel } from '../../core/clip_run';
import { clipDetails } from '../parts/clip_details';
import { makeRow } from '../parts/make_row';
import { modelPart } from '../parts/model_choice';
import { picturePart } from '../parts/picture_field';
import { milestoneLine } from '../parts/progress_panel';
import { promptPart } from '../parts/prompt_field';
import { sizePart } from '../parts/size_choice';
import { stage } from '../parts/stage';
import { machineFailed, unsupported } from '../parts/trouble';
import { clipSettings } from '../state/clip_form';
import { machineState } from '../state/machine';
import { clipMilestone, making } from '../state/making';
import { words } from '../state/settings';
import { openedModel } from '../state/video_model';

export function generateView(): TemplateResult {
  const { generate } = words.value;
  return html`
    <div class="opening">
      <h1 tabindex="-1">${generate.title}</h1>
      <p class="lead">${generate.lead}</p>
    </div>
    ${body()} ${milestoneLine(clipMilestone.value, generate.ends)}
  `;
}

function body() {
  const { generate, machine } = words.value;
  const state = machineState.value;
  const opened = openedModel.value;
  const settings = clipSettings.value;
  switch (state.name) {
    case 'unsupported':
      return unsupported(state.secure);
    case 'failed':
      return machineFailed(state.failure);
    case 'checking':
    case 'ready':
      return html`<div class="generate">
        <div class="clip-form" role="group" aria-label=${generate.form}>
          <fieldset class="all-fields" ?disabled=${making.value.name === 'running'}>
            ${modelPart()}
            ${
              opened.name === 'ready' && settings
                ? fields(settings, opened.model)
                : opened.name === 'opening'
                  ? html`<p class="skeleton">${state.name === 'checking' ? machine.checking : generate.model.opening}</p>`
                  : nothing
            }
          </fieldset>
          ${settings ? makeRow(settings) : nothing}
        </div>
        ${settings ? stage(settings, opened.name === 'ready' ? opened.model.framesPerSecond : null) : nothing}
      </div>`;
    default:
      return state satisfies never;
  }
}

const fields = (settings: ClipSettings, model: VideoModel) =>
  html`${promptPart(model)} ${sizePart(model)} ${picturePart(model)} ${clipDetails(settings, model)}`;
