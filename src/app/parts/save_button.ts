import { html, type TemplateResult } from 'lit';
import type { BenchmarkResult } from '../../core/result';
import { saveFile } from '../save_file';
import { words } from '../state/settings';

export function saveButton(result: BenchmarkResult): TemplateResult {
  return html`<button @click=${() => save(result)}>${words.value.result.save}</button>`;
}

/** 'wanscope-2026-03-01-640x352x17.json' */
const save = (result: BenchmarkResult) =>
  saveJson(`wanscope-${result.createdAt.slice(0, 10)}-${result.key.preset}`, result);

export function saveJson(name: string, value: object): void {
  saveFile(`${name}.json`, new Blob([`${JSON.stringify(value, null, 1)}\n`], { type: 'application/json' }));
}
