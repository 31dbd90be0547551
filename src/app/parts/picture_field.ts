/** The picture a video may begin with, shown as the model will see it. */
import { html, nothing, type TemplateResult } from 'lit';
import { ref } from 'lit/directives/ref.js';
import type { VideoModel } from '../../core/clip_run';
import { cropped, givePicture, picture, pictureFailure, removePicture } from '../state/picture';
import { words } from '../state/settings';
import { failureNote } from './failure_note';
import { focusSoon } from './focus';
import { drawing } from './screen';

export function picturePart({ takesImage }: VideoModel): TemplateResult {
  const { picture: say } = words.value.generate;
  const given = picture.value;
  return html`
    <div class="form-part picture" role="group" aria-labelledby="picture-heading">
      <p id="picture-heading" class="part-name">${say.heading}</p>
      ${takesImage ? html`${given ? preview(given.name) : nothing} ${buttons(given !== null)}` : html`<p class="note">${say.notHere}</p>`}
      ${pictureFailure.value ? failureNote(pictureFailure.value, { heading: say.failed }) : nothing}
    </div>
  `;
}

function preview(name: string) {
  const { picture: say } = words.value.generate;
  const seen = cropped.value;
  if (!seen) return html`<p class="note">${say.cropping}</p>`;
  const { width, height, pixels } = seen;
  return html`<canvas
    class="cropped"
    role="img"
    aria-label=${say.cropped(name)}
    title=${say.cropped(name)}
    width=${width}
    height=${height}
    ${ref(drawing(pixels, width, height))}
  ></canvas>`;
}

function buttons(isGiven: boolean) {
  const { picture: say } = words.value.generate;
  return html`<p class="open-buttons">
    <label class="button">
      ${isGiven ? say.change : say.open}
      <input class="visually-hidden" type="file" name="picture" accept="image/*" @change=${take} />
    </label>
    ${isGiven ? html`<button type="button" @click=${remove}>${say.remove}</button>` : html`<span class="note">${say.drop}</span>`}
  </p>`;
}

function take(event: Event): void {
  const input = event.target as HTMLInputElement;
  const [file] = input.files ?? [];
  if (file) void givePicture(file);
  input.value = ''; // the same file may be picked again
}

function remove(): void {
  removePicture();
  focusSoon('input[name=picture]');
}
