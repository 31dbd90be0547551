import { html, type TemplateResult } from 'lit';
import type { BenchmarkResult } from '../../core/result';
import { words } from '../state/settings';

export function saveButton(result: BenchmarkResult): TemplateResult {
  return html`<button @click=${() => save(result)}>${words.value.result.save}</button>`;
}

/** 'wanscope-2026-03-01-640x352x17.json' */
const save = (result: BenchmarkResult) =>
  saveJson(`wanscope-${result.createdAt.slice(0, 10)}-${result.key.preset}`, result);

export function saveJson(name: string, value: object): void {
  const blob = new Blob([`${JSON.stringify(value, null, 1)}\n`], { type: 'application/json' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${name}.json`;
  link.click();
  // The download has its own hold on the data once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
