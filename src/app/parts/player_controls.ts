/** Play, step, scrub. Everything is a native control; `,` and `.` step while any of them has the focus. */
import { html, type TemplateResult } from 'lit';
import { film } from '../state/film';
import { frameIndex, isPlaying, looping, SPEEDS, showFrame, speed, stepFrames, switchPlaying } from '../state/player';
import { words } from '../state/settings';
import { icon } from './icons';

export function playerControls(): TemplateResult {
  const { player: say } = words.value.generate;
  const count = film.value?.frames.length ?? 0;
  return html`<div class="player-controls" role="group" aria-label=${say.label}>
    ${iconButton(isPlaying.value ? 'pause' : 'play', isPlaying.value ? say.pause : say.play, switchPlaying)}
    ${iconButton('back', say.back, () => stepFrames(-1))} ${iconButton('on', say.on, () => stepFrames(1))}
    ${scrubber(count)}
    <button
      type="button"
      class="quiet icon"
      aria-label=${say.loop}
      title=${say.loop}
      aria-pressed=${looping.value}
      @click=${() => {
        looping.value = !looping.value;
      }}
    >
      ${icon('loop')}
    </button>
    ${speedChoice()} ${iconButton('fullscreen', say.fullscreen, toFullscreen)}
  </div>`;
}

function iconButton(name: Parameters<typeof icon>[0], label: string, press: (event: Event) => void) {
  return html`<button type="button" class="quiet icon" aria-label=${label} title=${label} @click=${press}>${icon(name)}</button>`;
}

function scrubber(count: number) {
  const { player: say, screen } = words.value.generate;
  const text = screen.frame(frameIndex.value + 1, count);
  return html`<label class="scrubber">
    <input
      type="range"
      name="frame"
      aria-label=${say.scrub}
      min="1"
      max=${count}
      aria-valuetext=${text}
      .value=${String(frameIndex.value + 1)}
      @input=${(event: Event) => showFrame((event.target as HTMLInputElement).valueAsNumber - 1)}
    />
    <span class="frame-number" aria-hidden="true">${frameIndex.value + 1} / ${count}</span>
  </label>`;
}

function speedChoice() {
  const { player: say } = words.value.generate;
  const choose = (event: Event) => {
    speed.value = Number((event.target as HTMLSelectElement).value);
  };
  return html`<select class="speed" name="speed" aria-label=${say.speed} @change=${choose}>
    ${SPEEDS.map((each) => html`<option value=${each} .selected=${each === speed.value}>${each}×</option>`)}
  </select>`;
}

function toFullscreen(event: Event): void {
  const player = (event.target as Element).closest('.player')!;
  void (document.fullscreenElement ? document.exitFullscreen() : player.requestFullscreen());
}

export function stepByKey(event: KeyboardEvent): void {
  if (event.key !== ',' && event.key !== '.') return;
  event.preventDefault();
  stepFrames(event.key === ',' ? -1 : 1);
}
