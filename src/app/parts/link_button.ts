/** A link with the whole result in it, made and copied when asked for; the line below says what was copied. */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { linkOf, readLink } from '../../compare/share_link';
import type { BenchmarkResult } from '../../core/result';
import { grouped } from '../../words/format';
import { type Failure, failureOf } from '../state/failure';
import { words } from '../state/settings';
import { failureNote } from './failure_note';

type Made =
  | { readonly name: 'copied' | 'not-copied'; readonly link: string; readonly isShortened: boolean }
  | { readonly name: 'failed'; readonly failure: Failure };

const made = signal<{ readonly of: BenchmarkResult; readonly outcome: Made } | null>(null);

/** `label` where there are several on the page. */
export function linkButton(result: BenchmarkResult, label?: string): TemplateResult {
  return html`<button type="button" aria-label=${label ?? nothing} @click=${() => copyLink(result)}>${words.value.runs.link.make}</button>`;
}

export function linkNote(result: BenchmarkResult): TemplateResult {
  const outcome = made.value?.of === result ? made.value.outcome : null;
  return html`<div class="link-note" role="status">${outcome ? outcomeText(outcome) : nothing}</div>`;
}

function outcomeText(outcome: Made): TemplateResult {
  const { link: say } = words.value.runs;
  if (outcome.name === 'failed') return failureNote(outcome.failure, { advice: say.failed });
  const { name, link, isShortened } = outcome;
  if (name === 'copied')
    return html`<p class="note">${(isShortened ? say.shortened : say.copied)(grouped(link.length))}</p>`;
  return html`<label class="note">${say.notCopied} <input type="text" readonly aria-label=${say.address} .value=${link} /></label>`;
}

async function copyLink(result: BenchmarkResult): Promise<void> {
  const outcome = await makeLink(result);
  made.value = { of: result, outcome };
}

async function makeLink(result: BenchmarkResult): Promise<Made> {
  try {
    const making = linkOf(result, location.href);
    const text = making.then((link) => new Blob([link], { type: 'text/plain' }));
    // Safari copies only what is promised during the click; Firefox before 127 has nothing that promises.
    const copied =
      'ClipboardItem' in globalThis &&
      navigator.clipboard?.write([new ClipboardItem({ 'text/plain': text })]).then(
        () => true,
        () => false,
      );
    const link = await making;
    // Opened as a stranger would: what is given away is known to open.
    const read = await readLink(new URL(link).hash);
    const isShortened = read.ok && read.result.timeline.length < result.timeline.length;
    return { name: (await copied) ? 'copied' : 'not-copied', link, isShortened };
  } catch (error) {
    return { name: 'failed', failure: failureOf(error) };
  }
}
