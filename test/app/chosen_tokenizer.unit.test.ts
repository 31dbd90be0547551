// @vitest-environment happy-dom
/** The tokenizer that is chosen for weights that bring none. The loader is stood in for. */
import { render } from 'lit';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as loader from '../../src/app/loader';
import { modelPart } from '../../src/app/parts/model_choice';
import { localModels } from '../../src/app/state/local_models';
import { changeModel, lacking, modelChoice, modelForm, openTokenizer } from '../../src/app/state/video_model';
import type { Inspection, SourceKey } from '../../workers/engine_api';

const key = (id: number): SourceKey => ({ kind: 'chosen', id });

function weights(changes: Partial<Inspection> = {}) {
  const networks = ['dit', 'text', 'vae'].map((network) => ({ network, missing: [], differing: [], types: [] }));
  const inspection = { networks, tokenizer: null, lora: null, ...changes } as unknown as Inspection;
  const found = { name: 'w', keys: [key(1)], files: [], missingShards: 0, inspection, trouble: null };
  localModels.value = [{ id: 'w', name: 'w', bytes: 1, keys: [key(1)], found }];
}

const place = document.createElement('div');
function chooser() {
  render(modelPart(), place);
  return place.querySelector('.tokenizer');
}

beforeEach(() => {
  vi.spyOn(loader, 'chooseFiles')
    .mockResolvedValueOnce([key(2)])
    .mockResolvedValueOnce([key(3)]);
  vi.spyOn(loader, 'forget').mockResolvedValue();
  changeModel({ kind: 'files' });
});
afterEach(() => {
  vi.restoreAllMocks();
  render(null, place);
  localModels.value = [];
  modelForm.value = { kind: 'demo', parts: {}, tokenizer: null };
});

test('stays to be seen, changed and taken away: it may be the wrong file', async () => {
  weights();
  expect(lacking.value).toEqual(['tokenizer']);
  await openTokenizer(new File(['{}'], 'tokenizer_config.json'));
  expect(modelChoice.value).toEqual({ kind: 'files', keys: [key(1)], tokenizer: key(2) });
  expect(chooser()!.textContent).toContain('tokenizer_config.json');
  await openTokenizer(new File(['{}'], 'tokenizer (1).json'));
  expect(loader.forget).toHaveBeenCalledWith([key(2)]);
  expect(chooser()!.textContent).toContain('tokenizer (1).json');
  chooser()!.querySelector('button')!.click();
  expect(modelForm.value.tokenizer).toBeNull();
  expect(lacking.value).toEqual(['tokenizer']);
});

test('gives way to that of weights that bring one', async () => {
  await openTokenizer(new File(['{}'], 'tokenizer.json'));
  weights({ tokenizer: 'spiece.model' } as unknown as Partial<Inspection>);
  expect(chooser()).toBeNull();
  expect(modelChoice.value).toEqual({ kind: 'files', keys: [key(1)], tokenizer: null });
});
