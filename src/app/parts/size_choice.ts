/** Sizes as cards that say what each takes here; those that cannot be made say why. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ClipSize, VideoModel } from '../../core/clip_run';
import { aboutDuration, byteCount, duration, size as sizeText } from '../../words/format';
import {
  changeSettings,
  clipChoice,
  clipSettings,
  clipSizes,
  isSize,
  planFor,
  plan as planSizes,
  plans,
  problems,
} from '../state/clip_form';
import type { Failure } from '../state/failure';
import { words } from '../state/settings';
import { numberField } from './clip_field';
import { dotted } from './dotted';
import { askAgain, failureNote } from './failure_note';
import { openWhere } from './open_where';

export function sizePart(model: VideoModel): TemplateResult {
  const { size: say } = words.value.generate;
  const isWrong = problems.value.some(({ setting }) => ['width', 'height', 'frames'].includes(setting));
  return html`
    <fieldset class="form-part sizes">
      <legend>${say.heading}</legend>
      <div class="size-cards">${clipSizes.value.map((size) => card(size, model))}</div>
      ${plans.value.name === 'failed' ? notPlanned(plans.value.failure) : nothing}
      <details ${openWhere(isWrong)}>
        <summary>${say.own}</summary>
        <div class="fields three">
          ${numberField({ setting: 'width', label: say.width, step: 32 })}
          ${numberField({ setting: 'height', label: say.height, step: 32 })}
          ${numberField({ setting: 'frames', label: say.frames, step: 4 })}
        </div>
        <p class="note">${say.ownWhy}</p>
      </details>
    </fieldset>
  `;
}

function notPlanned(failure: Failure) {
  const choice = clipChoice.value;
  const again = choice ? askAgain(failure, () => void planSizes(choice)) : undefined;
  return failureNote(failure, { heading: words.value.generate.size.failed, again });
}

function card(size: ClipSize, { framesPerSecond }: VideoModel) {
  const { size: say } = words.value.generate;
  const settings = clipSettings.value;
  const plan = planFor(size);
  const { width, height, frames } = size;
  const id = `${width}x${height}x${frames}`;
  return html`<label class=${plan?.impossible ? 'size-card impossible' : 'size-card'}>
    <input
      type="radio"
      name="size"
      value=${id}
      .checked=${settings !== null && isSize(size, settings)}
      ?disabled=${Boolean(plan?.impossible)}
      @change=${() => changeSettings({ width, height, frames })}
    />
    <span>
      <strong>${say.line(sizeText(size), frames)}</strong>
      <small>${say.seconds(duration(frames / framesPerSecond, words.value))}</small>
    </span>
    <small>
      ${
        plan
          ? dotted([say.time(aboutDuration(plan.seconds, words.value)), say.memory(byteCount(plan.peakBytes))])
          : say.planning
      }
    </small>
    ${plan?.impossible ? html`<small class="why">${words.value.generate.impossible} <code lang="en">${plan.impossible}</code></small>` : nothing}
  </label>`;
}
