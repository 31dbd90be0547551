/** Where frames are seen: the clip's, a preview's, or the place where they will be. */
import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { ClipSettings } from '../../core/clip';
import { duration, size as sizeText } from '../../words/format';
import type { Progress } from '../progress';
import { clipFrames, type Film, film } from '../state/film';
import { making } from '../state/making';
import { frameIndex } from '../state/player';
import { words } from '../state/settings';
import { openedModel } from '../state/video_model';

/** `settings` of what is on the screen, or would be. */
export function screen(settings: ClipSettings, framesPerSecond: number | null): TemplateResult {
  const seen = film.value;
  const { width, height } = clipFrames.value ?? settings;
  return html`<div class="screen" .style=${`aspect-ratio: ${width} / ${height}`}>
    ${seen ? picture(seen, settings.prompt) : place(settings, framesPerSecond)} ${seen ? labelOf(seen) : nothing}
  </div>`;
}

function picture({ width, height, frames, preview }: Film, prompt: string) {
  const { screen: say } = words.value.generate;
  const index = frameIndex.value;
  const name = prompt ? say.frameOf(prompt, index + 1, frames.length) : say.frame(index + 1, frames.length);
  return html`<canvas
    class=${preview?.rough ? 'rough' : ''}
    role="img"
    aria-label=${name}
    width=${width}
    height=${height}
    ${ref(drawing(frames[index]!, width, height))}
  ></canvas>`;
}

/** Draws when the template is rendered, which is once a frame of the screen. */
export const drawing = (pixels: Uint8ClampedArray<ArrayBuffer>, width: number, height: number) => (canvas?: Element) =>
  (canvas as HTMLCanvasElement | undefined)?.getContext('2d')?.putImageData(new ImageData(pixels, width, height), 0, 0);

/** Over the picture while it is not yet the whole clip. */
function labelOf({ preview, frames }: Film) {
  const { screen: say } = words.value.generate;
  const clip = clipFrames.value!;
  if (preview) return html`<p class="screen-label">${(preview.rough ? say.rough : say.preview)(preview.step)}</p>`;
  return frames.length < clip.count
    ? html`<p class="screen-label">${say.decoded(frames.length, clip.count)}</p>`
    : nothing;
}

function place({ width, height, frames }: ClipSettings, framesPerSecond: number | null) {
  const { screen: say, size } = words.value.generate;
  const line = [
    size.line(sizeText({ width, height }), frames),
    ...(framesPerSecond === null ? [] : [duration(frames / framesPerSecond, words.value)]),
  ].join(' · ');
  return html`<div class="screen-place">
    <p>${making.value.name === 'running' ? waitingText(making.value.progress) : say.empty}</p>
    <p class="note">${line}</p>
  </div>`;
}

function waitingText({ remarks }: Progress): string {
  const { screen: say } = words.value.generate;
  const opened = openedModel.value;
  const hasNone = opened.name === 'ready' && opened.model.preview === null;
  return hasNone || remarks.some(({ code }) => code === 'no-previews') ? say.noPreviews : say.waiting;
}
