/** All models here: kept ones with their downloads, and those read from the disk. */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import type { Inspection } from '../../../workers/engine_api';
import type { ModelState } from '../../../workers/loader_api';
import { byteCount } from '../../words/format';
import { leftOutBytes, presentBytes, proofOf, statusOf, wantedBytes } from '../model_status';
import { closeLocal, type LocalModel, localModels } from '../state/local_models';
import { activities, download, inspections, readStore, remove, storage, stored, storeFailure } from '../state/models';
import { words } from '../state/settings';
import { dotted } from './dotted';
import { downloadFailed, downloadLine } from './download_line';
import { failureNote } from './failure_note';
import { focusSoon } from './focus';
import { foundText, inspectionText } from './inspection';

/** Whose deletion is being asked about; an id. */
const asked = signal<string | null>(null);

export function modelList(): TemplateResult {
  const { models } = words.value.weights;
  const kept = stored.value;
  const isEmpty = kept?.length === 0 && localModels.value.length === 0;
  return html`
    <section class="models" aria-labelledby="list-heading">
      <h3 id="list-heading" tabindex="-1">${models.list}</h3>
      ${kept === null && !storeFailure.value ? html`<p class="skeleton">${models.reading}</p>` : nothing}
      ${isEmpty ? html`<p class="note">${models.none}</p>` : nothing}
      ${storeFailure.value ? failureNote(storeFailure.value, { heading: models.storeFailed, again: readStore }) : nothing}
      ${
        isEmpty
          ? nothing
          : html`<ul class="model-list">
              ${localModels.value.map(localItem)} ${kept?.map(storedItem)}
            </ul>`
      }
      ${storageLine()}
    </section>
  `;
}

function storageLine() {
  const { models } = words.value.weights;
  const space = storage.value;
  if (!space) return nothing;
  return html`<p class="note storage">
    ${models.storage(byteCount(space.usedBytes), byteCount(space.freeBytes))} ${space.persisted ? models.persisted : nothing}
  </p>`;
}

function localItem({ id, name, bytes, found }: LocalModel) {
  const { models } = words.value.weights;
  return html`<li class="model">
    <div class="model-head">
      <p class="model-name"><strong>${name}</strong></p>
      <p class="note">${dotted([byteCount(bytes), found ? models.local : models.looking])}</p>
    </div>
    <div class="model-actions">
      <button aria-label=${models.closeNamed(name)} @click=${() => closeLocal(id)}>${models.close}</button>
    </div>
    ${found && 'code' in found ? failureNote(found) : nothing}
    ${found && 'keys' in found ? html`<div class="model-body">${foundText(found)}</div>` : nothing}
  </li>`;
}

function storedItem(model: ModelState) {
  const { models } = words.value.weights;
  const { id, name, files, storedBytes } = model;
  const activity = activities.value.get(id);
  const status = statusOf(model);
  const host = files[0] && hostOf(files[0].address);
  return html`<li class="model">
    <div class="model-head">
      <p class="model-name"><strong>${name}</strong></p>
      <p class="note">
        ${dotted([
          byteCount(storedBytes),
          models.stored,
          ...(host ? [models.from(host)] : []),
          ...(activity?.name === 'running'
            ? []
            : [
                html`<span class=${status === 'complete' ? 'status good' : 'status bad'}>${status === 'complete' ? '✓ ' : ''}${models.status[status]}</span>`,
              ]),
        ])}
      </p>
    </div>
    <div class="model-actions">
      ${activity?.name === 'running' ? nothing : modelButtons(model)}
    </div>
    ${asked.value === id ? confirmation(model) : nothing}
    ${activity?.name === 'running' ? downloadLine(model, activity) : nothing}
    ${activity?.name === 'failed' ? downloadFailed(model, activity.failure) : nothing}
    ${activity ? nothing : storedBody(model)}
  </li>`;
}

function modelButtons(model: ModelState) {
  const { models } = words.value.weights;
  const status = statusOf(model);
  const canGoOn = status === 'interrupted' || status === 'evicted' || status === 'wrong';
  const isFailed = activities.value.has(model.id); // then the failure has a button of its own
  return html`
    ${
      canGoOn && !isFailed
        ? html`<button @click=${() => download(model.id)}>${status === 'wrong' ? models.fetchAgain : models.continue}</button>`
        : nothing
    }
    <button aria-label=${models.deleteNamed(model.name)} aria-expanded=${asked.value === model.id} @click=${() => ask(model.id)}>
      ${models.delete}
    </button>
  `;
}

function ask(id: string | null): void {
  asked.value = asked.value === id ? null : id;
  // The way out is focused, so that a second press of the same key deletes nothing.
  if (asked.value) focusSoon('.confirm .no');
}

function confirmation({ id, name, storedBytes }: ModelState) {
  const { models } = words.value.weights;
  const answer = async (sure: boolean) => {
    asked.value = null;
    if (sure) await remove(id);
    focusSoon('#list-heading');
  };
  return html`<div class="confirm" role="group" aria-label=${models.sure(name, byteCount(storedBytes))}>
    <p>${models.sure(name, byteCount(storedBytes))}</p>
    <div class="actions">
      <button class="no" @click=${() => answer(false)}>${models.no}</button>
      <button class="danger" @click=${() => answer(true)}>${models.yes}</button>
    </div>
  </div>`;
}

function storedBody(model: ModelState) {
  const { models } = words.value.weights;
  const status = statusOf(model);
  const [present, wanted] = [byteCount(presentBytes(model)), byteCount(wantedBytes(model))];
  if (status === 'interrupted') return html`<p class="model-body">${models.statusWhy.interrupted(present, wanted)}</p>`;
  if (status === 'evicted') return html`<p class="model-body">${models.statusWhy.evicted(present, wanted)}</p>`;
  if (status !== 'complete') return html`<p class="model-body">${models.statusWhy[status]}</p>`;
  const inspection = inspections.value.get(model.id);
  const leftOut = leftOutBytes(model);
  return html`
    <div class="model-body">
      ${inspection && 'networks' in inspection ? summaryOf(inspection) : nothing}
      <p class="note">${models.proof[proofOf(model)]}</p>
      ${leftOut > 0 ? html`<p class="note">${models.leftOut(byteCount(leftOut))}</p>` : nothing}
      ${
        inspection
          ? 'networks' in inspection
            ? html`<details><summary>${models.details}</summary>${inspectionText(inspection)}</details>`
            : failureNote(inspection, { again: inspection.code === 'file-invalid' ? undefined : readStore })
          : nothing
      }
    </div>
  `;
}

function summaryOf({ networks, lora }: Inspection) {
  const { networks: names, card } = words.value.weights;
  const parts = [
    ...networks.map(({ network, types }) => `${names[network].name} · ${types[0]?.dtype ?? ''}`),
    ...(lora ? [card.lora.name] : []),
  ];
  return html`<p>${parts.join(words.value.weights.comma)}</p>`;
}

/** 'huggingface.co/owner/repository', or a host alone. */
function hostOf(address: string): string {
  const { host, pathname } = new URL(address);
  const repository = /^\/(?:models\/)?([^/]+\/[^/]+)\/resolve\//.exec(pathname)?.[1];
  return repository ? `${host}/${repository}` : host;
}
