/** LoRAs of the weights here that go beside the transformer, each as strong as wanted. */
import { html, nothing, type TemplateResult } from 'lit';
import { changeOptions, clipOptions, type LoraForm } from '../state/clip_form';
import { inspectedModels } from '../state/inspected';
import { words } from '../state/settings';

export function loraPart(): TemplateResult {
  const { more } = words.value.generate;
  // Its trouble, if any, is with Wan2.2's own sizes; whether it fits the model that is open, the run says.
  const here = inspectedModels.value.filter(({ inspection }) => inspection.lora !== null);
  const { loras } = clipOptions.value;
  const free = here.filter(({ id }) => !loras.some((lora) => lora.id === id));
  const add = (event: Event) => {
    const select = event.target as HTMLSelectElement;
    changeOptions({ loras: [...loras, { id: select.value, strength: 1 }] });
    select.value = '';
  };
  return html`<div class="form-part loras" role="group" aria-labelledby="loras-heading">
    <p id="loras-heading" class="part-name">${more.loras}</p>
    ${loras.map((lora) => item(lora, here.find(({ id }) => id === lora.id)?.name))}
    ${
      free.length > 0
        ? html`<select name="lora" aria-label=${more.loraAdd} @change=${add}>
            <option value="">${more.loraAdd} …</option>
            ${free.map(({ id, name }) => html`<option value=${id}>${name}</option>`)}
          </select>`
        : nothing
    }
    ${here.length === 0 ? html`<p class="note">${more.loraNone}</p>` : nothing}
  </div>`;
}

/** Its file may have been closed meanwhile. */
function item({ id, strength }: LoraForm, name: string | undefined) {
  if (!name) return nothing;
  const { more } = words.value.generate;
  const { loras } = clipOptions.value;
  const change = (event: Event) => {
    const value = (event.target as HTMLInputElement).valueAsNumber;
    changeOptions({ loras: loras.map((lora) => (lora.id === id ? { id, strength: value } : lora)) });
  };
  return html`<div class="lora">
    <p class="lora-name">${name}</p>
    <input
      type="range"
      min="-2"
      max="2"
      step="0.05"
      aria-label=${more.loraStrength(name)}
      .value=${String(strength)}
      @input=${change}
    />
    <output>${strength.toFixed(2)}</output>
    <button
      type="button"
      class="quiet icon"
      aria-label=${more.loraRemove(name)}
      @click=${() => changeOptions({ loras: loras.filter((lora) => lora.id !== id) })}
    >
      ×
    </button>
  </div>`;
}
