/** What weights are, in plain words: networks, types, what is missing, and what can be done with them here. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Inspection } from '../../../workers/engine_api';
import { byteCount, largeCount } from '../../words/format';
import { canRun, unreadableTypes } from '../model_status';
import type { Found } from '../state/look';
import { words } from '../state/settings';

type NetworkInspection = Inspection['networks'][number];
type LoraInspection = NonNullable<Inspection['lora']>;

export function foundText({ inspection, trouble, missingShards }: Found): TemplateResult {
  const { card } = words.value.weights;
  if (!inspection)
    return html`<p><strong>${card.unreadable}</strong></p>
      <p lang="en"><code>${trouble}</code></p>`;
  return html`${inspectionText(inspection)}
  ${missingShards > 0 ? html`<p class="bad">${card.missingShards(missingShards)}</p>` : nothing}`;
}

export function inspectionText(inspection: Inspection): TemplateResult {
  const { card } = words.value.weights;
  const { networks, lora, others } = inspection;
  if (networks.length === 0 && !lora)
    return html`<p><strong>${card.none}</strong></p>
      <p>${card.noneWhy(others.length)}</p>`;
  const unreadable = new Set(unreadableTypes(inspection).map(({ dtype }) => dtype));
  return html`
    ${networks.map(networkText)} ${lora ? loraText(lora) : nothing}
    ${unreadable.size > 0 ? html`<p class="notice warn">${card.unsupported([...unreadable].join(words.value.weights.comma))}</p>` : nothing}
    <p>${useOf(inspection)}</p>
  `;
}

function useOf(inspection: Inspection): string {
  const { use } = words.value.weights.card;
  if (canRun(inspection, 'dit')) return use.stream;
  if (inspection.lora?.trouble) return use.nothing;
  const isWhole = inspection.networks.every(({ missing, differing }) => missing.length + differing.length === 0);
  return isWhole && unreadableTypes(inspection).length === 0 ? use.generate : use.nothing;
}

function networkText({ network, files, parameters, bytes, types, scaled, ...names }: NetworkInspection) {
  const { card, networks, schemes, formats } = words.value.weights;
  const ways = new Set(files.map(({ format, scheme }) => card.file(formats[format], schemes[scheme])));
  const complete = names.missing.length === 0 && names.differing.length === 0;
  return html`
    <div class="network">
      <p>
        <strong>${networks[network].name}</strong> · ${networks[network].what} ·
        ${card.size(largeCount(parameters, words.value), byteCount(bytes))}
      </p>
      <p class="note">
        ${[...ways].join(words.value.weights.comma)} · ${card.types}
        ${types.map(({ dtype, bytes }) => card.type(dtype, byteCount(bytes))).join(words.value.weights.comma)}${
          scaled > 0 ? ` · ${card.scaled(scaled)}` : ''
        }
      </p>
      ${complete ? html`<p class="good">✓ ${card.complete}</p>` : nothing}
      ${names.missing.length > 0 ? html`<p class="bad">${card.missing(names.missing.length, some(names.missing))}</p>` : nothing}
      ${
        names.differing.length > 0
          ? html`<p class="bad">${card.differing(names.differing.length, some(names.differing.map(({ name }) => name)))}</p>`
          : nothing
      }
      ${
        names.unexpected.length > 0
          ? html`<p class="note">${card.unexpected(names.unexpected.length, some(names.unexpected))}</p>`
          : nothing
      }
    </div>
  `;
}

function loraText({
  dialect,
  layers,
  ranks,
  bytes,
  types,
  differences,
  textEncoder,
  unknown,
  trouble,
}: LoraInspection) {
  const { card, comma } = words.value.weights;
  const { lora } = card;
  return html`
    <div class="network">
      <p><strong>${lora.name}</strong> · ${lora.layers(layers, ranks.join(comma))} · ${byteCount(bytes)}</p>
      <p class="note">
        ${lora.dialects[dialect]} · ${card.types}
        ${types.map(({ dtype, bytes }) => card.type(dtype, byteCount(bytes))).join(comma)}${
          differences > 0 ? ` · ${lora.differences(differences)}` : ''
        }
      </p>
      ${trouble ? html`<p class="bad">${lora.unfit} <code lang="en">${trouble}</code></p>` : html`<p class="good">✓ ${lora.fits}</p>`}
      ${textEncoder.length > 0 ? html`<p class="note">${lora.textEncoder(textEncoder.length)}</p>` : nothing}
      ${unknown.length > 0 ? html`<p class="note">${card.unexpected(unknown.length, some(unknown))}</p>` : nothing}
    </div>
  `;
}

/** As many names as are read. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(words.value.weights.comma);
  return names.length > 3
    ? `${shown}${words.value.weights.comma}${words.value.weights.card.more(names.length - 3)}`
    : shown;
}
