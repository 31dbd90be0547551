/** How much GPU memory may be taken, out of a few amounts; those below the least say so. */
import { html, type TemplateResult } from 'lit';
import { byteCount } from '../../words/format';
import { words } from '../state/settings';
import { GIB } from '../state/streaming';

const AMOUNTS_GIB = [1, 2, 4, 6, 8, 12, 16, 24, 48];

export interface MemorySelect {
  readonly name: string;
  readonly label: string;
  /** Of no bound at all. */
  readonly none: string;
  readonly gib: number | null;
  readonly leastBytes?: number;
  readonly change: (gib: number | null) => void;
}

export function memorySelect({ name, label, none, gib, leastBytes = 0, change }: MemorySelect): TemplateResult {
  const { modes: say } = words.value;
  const take = (event: Event) => change(Number((event.target as HTMLSelectElement).value) || null);
  return html`<label>
    <span>${label}</span>
    <select name=${name} @change=${take}>
      <option value="" .selected=${gib === null}>${none}</option>
      ${AMOUNTS_GIB.map((amount) => {
        const isTooLittle = amount * GIB < leastBytes;
        return html`<option value=${amount} .selected=${amount === gib} ?disabled=${isTooLittle}>
          ${say.atMost(amount)}${isTooLittle ? ` · ${say.tooLittle(byteCount(leastBytes))}` : ''}
        </option>`;
      })}
    </select>
  </label>`;
}
