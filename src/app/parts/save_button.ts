import { html, type TemplateResult } from 'lit';
import type { SavedRun } from '../../compare/read_saved';
import type { BenchmarkResult } from '../../core/result';
import { saveFile } from '../save_file';
import { words } from '../state/settings';

export function saveButton(result: BenchmarkResult): TemplateResult {
  return html`<button @click=${() => saveRun(result)}>${words.value.result.save}</button>`;
}

/** 'wanscope-2026-03-01-640x352x17.json' */
export function saveRun(run: SavedRun): void {
  const { width, height, frames } = run.schema === 'wanscope-result' ? run.key : run.settings;
  saveJson(`wanscope-${run.createdAt.slice(0, 10)}-${width}x${height}x${frames}`, run);
}

export function saveJson(name: string, value: object): void {
  saveFile(`${name}.json`, new Blob([`${JSON.stringify(value, null, 1)}\n`], { type: 'application/json' }));
}
