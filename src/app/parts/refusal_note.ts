/** Why a file or a link was not opened. What it held is shown as plain text, and only its beginning. */
import { html, type TemplateResult } from 'lit';
import type { Refusal } from '../../compare/read_result';
import { byteCount, grouped } from '../../words/format';
import { words } from '../state/settings';

/** `name` of the file; null: it was the link in the page's address. */
export function refusalNote(name: string | null, refusal: Refusal): TemplateResult {
  const { compare, runs } = words.value;
  const what = name === null ? runs.link.refused : compare.refused(name);
  return html`<p class="refused"><strong>${what}</strong> ${reasonText(refusal)}</p>`;
}

function reasonText(refusal: Refusal): string {
  const { reasons } = words.value.compare;
  switch (refusal.reason) {
    case 'too-large':
      return reasons['too-large'](byteCount(refusal.bytes), byteCount(refusal.limitBytes));
    case 'not-json':
      return reasons['not-json'];
    case 'too-deep':
      return reasons['too-deep'](refusal.levels);
    case 'other-schema':
      return reasons['other-schema'](refusal.found);
    case 'other-version':
      return reasons['other-version'](refusal.found, refusal.known);
    case 'field':
      return reasons.field(refusal.path, refusal.expected, refusal.received);
    case 'link-too-long':
      return reasons['link-too-long'](grouped(refusal.characters), grouped(refusal.limit));
    case 'link-damaged':
      return reasons['link-damaged'];
    case 'link-unpacks':
      return reasons['link-unpacks'](byteCount(refusal.limitBytes));
    default:
      return refusal satisfies never;
  }
}
