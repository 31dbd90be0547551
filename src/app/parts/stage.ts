/** The right half of the view: the video as it comes to be, played, saved, and what it took. */

import { html, nothing, type TemplateResult } from 'lit';
import type { ClipSettings } from '../../core/clip';
import { duration } from '../../words/format';
import { remarkText } from '../../words/remarks_en';
import { smallestSize } from '../state/clip_form';
import type { Failure } from '../state/failure';
import { film, filmSettings } from '../state/film';
import { chooseSmallest, isKept, make, making, unfinished } from '../state/making';
import { words } from '../state/settings';
import { clipResult } from './clip_result';
import { failureNote, isTooMuch } from './failure_note';
import { playerControls, stepByKey } from './player_controls';
import { progressPanel } from './progress_panel';
import { screen } from './screen';
import { unfinishedCard } from './unfinished_card';

/** `framesPerSecond` of the model that is open. */
export function stage(settings: ClipSettings, framesPerSecond: number | null): TemplateResult {
  const { generate } = words.value;
  const hasFrames = film.value !== null && film.value.frames.length > 1;
  return html`
    <section class="stage" aria-labelledby="stage-heading">
      <h2 id="stage-heading" class="visually-hidden">${generate.stage}</h2>
      <div class="player" @keydown=${stepByKey}>
        ${screen(filmSettings.value ?? settings, framesPerSecond)} ${hasFrames ? playerControls() : nothing}
      </div>
      ${outcome()} ${unfinished.value ? unfinishedCard(unfinished.value.clip) : nothing}
    </section>
  `;
}

function outcome() {
  const { generate } = words.value;
  const state = making.value;
  switch (state.name) {
    case 'idle':
      return nothing;
    case 'running':
      return html`${progressPanel(state.progress)}
        ${state.progress.remarks.map((remark) => html`<p class="note">${remarkText(remark, words.value)}</p>`)}`;
    case 'stopped':
      return html`<p class="note">
        ${generate.stopped(duration(state.seconds, words.value))} ${isKept.value ? nothing : generate.nothingKept}
      </p>`;
    case 'failed': {
      const { failure } = state;
      return failureNote(failure, {
        heading: generate.failed,
        advice: adviceOf(failure.code),
        // Where steps were kept, the card below offers to go on.
        again: isKept.value ? undefined : make,
        smallest: isTooMuch(failure) && smallestSize.value ? chooseSmallest : undefined,
      });
    }
    case 'done':
      return clipResult(state.result);
    default:
      return state satisfies never;
  }
}

/** The usual advice speaks of benchmarks. */
function adviceOf(code: Failure['code']): string | undefined {
  const { lost, refused } = words.value.generate;
  if (code === 'device-lost') return lost;
  return code === 'input-invalid' ? refused : undefined;
}
