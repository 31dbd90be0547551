/** Why a file or a link was not opened, in words. What it held is told as plain text, and only its beginning. */
import type { Words } from '../words/en';
import { byteCount, grouped } from '../words/format';
import type { Refusal } from './read_result';

export function refusalText(refusal: Refusal, { compare: { reasons } }: Words): string {
  switch (refusal.reason) {
    case 'too-large':
      return reasons['too-large'](byteCount(refusal.bytes), byteCount(refusal.limitBytes));
    case 'unreadable':
      return reasons.unreadable;
    case 'not-json':
      return reasons['not-json'];
    case 'too-deep':
      return reasons['too-deep'](refusal.levels);
    case 'too-many-values':
      return reasons['too-many-values'](grouped(refusal.values), grouped(refusal.limit));
    case 'too-many-names':
      return reasons['too-many-names'](grouped(refusal.names), grouped(refusal.limit));
    case 'other-schema':
      return reasons['other-schema'](refusal.found);
    case 'other-version':
      return reasons['other-version'](refusal.found, refusal.known);
    case 'field':
      if (refusal.received === 'undefined') return reasons.missing(refusal.path);
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
