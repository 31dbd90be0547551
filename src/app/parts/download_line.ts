/** A download under way: how far, how fast, how long, and what it waits for. */
import { html, nothing, type TemplateResult } from 'lit';
import type { ModelState } from '../../../workers/loader_api';
import { byteCount, countDown, rate } from '../../words/format';
import { presentBytes, wantedBytes } from '../model_status';
import type { Failure } from '../state/failure';
import {
  type Activity,
  activities,
  announcement,
  cancel,
  download,
  storage,
  stored,
  switchPause,
} from '../state/models';
import { words } from '../state/settings';
import { waitFor } from '../state/waits';
import { failureNote } from './failure_note';

type Running = Activity & { readonly name: 'running' };

export function downloadLine(model: ModelState, { progress, switching }: Running): TemplateResult {
  const { download: names } = words.value.weights;
  const isPaused = progress?.phase === 'paused';
  return html`<div class="download">
    <progress aria-label=${names.label(model.name)} max="1" value=${progress ? fraction(progress) : 0}></progress>
    <p class="line">${lineOf(model, progress, switching)}</p>
    <div class="actions">
      <button aria-disabled=${switching} @click=${() => switchPause(model.id)}>${isPaused ? names.resume : names.pause}</button>
      <button @click=${() => cancel(model.id)}>${names.cancel}</button>
    </div>
    <p class="note">${names.kept}</p>
  </div>`;
}

const fraction = ({ bytes, totalBytes }: { bytes: number; totalBytes: number }) =>
  totalBytes > 0 ? Math.min(bytes / totalBytes, 1) : 1;

/** "1.2 GiB of 4.9 GiB · 31 MB/s · about 2 min left" */
function lineOf({ files }: ModelState, progress: Running['progress'], switching: boolean): string {
  const { download: names } = words.value.weights;
  const wait = waitFor((address) => files.some((file) => file.address === address));
  if (!progress) return wait ? names.waiting[wait.why](Math.ceil(wait.seconds)) : names.begin;
  const { phase, bytes, totalBytes, bytesPerSecond, secondsLeft } = progress;
  const amount = names.amount(byteCount(bytes), byteCount(totalBytes));
  if (switching) return `${phase === 'paused' ? names.resuming : names.pausing} · ${amount}`;
  if (phase === 'paused') return `${names.paused} · ${amount}`;
  if (phase === 'checking') return `${names.checking} · ${amount}`;
  if (wait) return `${names.waiting[wait.why](Math.ceil(wait.seconds))} · ${amount}`;
  return [
    amount,
    bytesPerSecond > 0 && rate(bytesPerSecond, 'B/s'),
    Number.isFinite(secondsLeft) && secondsLeft > 1 && names.left(countDown(secondsLeft, words.value)),
  ]
    .filter(Boolean)
    .join(' · ');
}

export function downloadFailed(model: ModelState, failure: Failure): TemplateResult {
  const { download: names } = words.value.weights;
  const free = storage.value?.freeBytes;
  const needed = wantedBytes(model) - presentBytes(model);
  return html`<div class="model-body">
    ${failureNote(failure, { again: () => void download(model.id) })}
    ${
      failure.code === 'storage-full' && free !== undefined
        ? html`<p>${names.needs(byteCount(needed), byteCount(free))}</p>`
        : nothing
    }
  </div>`;
}

/** Heard, not seen: tenths, and how downloads end. It stays in the page, for a live region must exist before it speaks. */
export function downloadMilestones(): TemplateResult {
  const { download: names } = words.value.weights;
  const nameOf = (id: string) => stored.value?.find((model) => model.id === id)?.name ?? '';
  const running = [...activities.value].flatMap(([id, activity]) => {
    if (activity.name !== 'running' || !activity.progress) return [];
    const { phase } = activity.progress;
    if (phase !== 'downloading') return `${nameOf(id)}: ${phase === 'paused' ? names.paused : names.checking}`;
    return names.milestone(nameOf(id), Math.floor(fraction(activity.progress) * 10) * 10);
  });
  const said = announcement.value;
  const text = running.length > 0 ? running.join('; ') : said ? names.said[said.what](said.name) : '';
  return html`<p class="visually-hidden" role="status">${text}</p>`;
}
