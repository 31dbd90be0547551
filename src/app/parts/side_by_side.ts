/** The local video and the server's, played as one. */
import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { duration } from '../../words/format';
import type { LiveDone } from '../state/live';
import { words } from '../state/settings';
import {
  begun,
  follow,
  frameAt,
  paused,
  playing,
  ready,
  showSeconds,
  sideIsBroken,
  sideIsPlaying,
  sideLength,
  sideSeconds,
  switchSides,
} from '../state/side_by_side';
import type { ClipFrames } from '../video/clip_frames';
import { icon } from './icons';
import { drawing } from './screen';

/** `address`: of the server's video. */
export function sideBySide(address: string, { frames, run }: LiveDone): TemplateResult {
  const { result: say } = words.value.live;
  return html`
    <div class=${frames ? 'sides two' : 'sides'}>
      ${frames ? localSide(frames) : nothing}
      <figure>
        <video
          src=${address}
          loop
          muted
          playsinline
          aria-label=${`${say.there}: ${run.name}`}
          ${ref(follow)}
          @loadstart=${begun}
          @loadeddata=${ready}
          @play=${playing}
          @pause=${paused}
          @error=${broken}
        ></video>
        <figcaption>${say.there}: ${run.name}</figcaption>
      </figure>
    </div>
    ${sideIsBroken.value ? html`<p class="notice warn">${say.videoBroken}</p>` : controls()}
  `;
}

const broken = () => {
  sideIsBroken.value = true;
};

function localSide({ width, height, frames }: ClipFrames) {
  const { live, generate } = words.value;
  const index = frameAt(sideSeconds.value, sideLength.value, frames.length);
  return html`<figure>
    <canvas
      role="img"
      aria-label=${`${live.result.here}: ${generate.screen.frame(index + 1, frames.length)}`}
      width=${width}
      height=${height}
      ${ref(drawing(frames[index]!, width, height))}
    ></canvas>
    <figcaption>${live.result.here}</figcaption>
  </figure>`;
}

function controls() {
  const { player: say } = words.value.generate;
  const name = sideIsPlaying.value ? say.pause : say.play;
  return html`<div class="player-controls" role="group" aria-label=${say.label}>
    <button type="button" class="quiet icon" aria-label=${name} title=${name} @click=${switchSides}>
      ${icon(sideIsPlaying.value ? 'pause' : 'play')}
    </button>
    <label class="scrubber">
      <input
        type="range"
        name="side-seconds"
        aria-label=${say.scrub}
        min="0"
        max=${sideLength.value}
        step="any"
        aria-valuetext=${duration(sideSeconds.value, words.value)}
        .value=${String(sideSeconds.value)}
        @input=${(event: Event) => showSeconds((event.target as HTMLInputElement).valueAsNumber)}
      />
    </label>
  </div>`;
}
