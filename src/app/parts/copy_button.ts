/** Copies text made only when asked for, and says so in the button for two seconds. */
import { signal } from '@preact/signals-core';
import { html, type TemplateResult } from 'lit';
import { words } from '../state/settings';

const said = signal<{ id: string; ok: boolean } | null>(null);

export function copyButton(id: string, label: string, text: () => string): TemplateResult {
  const { copied, copyFailed } = words.value.result;
  const mine = said.value?.id === id ? said.value : null;
  return html`<button @click=${() => copy(id, text())}>
    <span role="status">${mine ? (mine.ok ? copied : copyFailed) : label}</span>
  </button>`;
}

async function copy(id: string, text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    said.value = { id, ok: true };
  } catch {
    said.value = { id, ok: false };
  }
  const now = said.value;
  setTimeout(() => {
    if (said.value === now) said.value = null;
  }, 2000);
}
