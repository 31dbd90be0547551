import { describe, expect, test } from 'vitest';
import { canRun, leftOutBytes, proofOf, statusOf, unreadableTypes } from '../../src/app/model_status';
import type { Inspection } from '../../workers/engine_api';
import type { ModelState } from '../../workers/loader_api';

type FileState = ModelState['files'][number];

const file = (changes: Partial<FileState> = {}): FileState => ({
  ...{ name: 'a', address: 'https://host/a', bytes: 10, wanted: [], checked: 'right' },
  ...{ presentBytes: 10, wantedBytes: 10, evicted: false, ...changes },
});
const model = (...files: FileState[]): ModelState => ({ id: 'm', name: 'm', files, storedBytes: 10, usable: true });

describe('a stored model', () => {
  test('is complete when all its files are there and looked over', () => {
    expect(statusOf(model(file(), file({ checked: 'no-sum' })))).toBe('complete');
    expect(statusOf(model(file(), file({ presentBytes: 9 })))).toBe('interrupted');
    expect(statusOf(model(file({ checked: 'not-yet' })))).toBe('interrupted');
  });

  test('says first what is worst: no record, bytes taken away, wrong bytes', () => {
    expect(statusOf({ ...model(), usable: false })).toBe('unusable');
    expect(statusOf(model(file({ checked: 'wrong' }), file({ evicted: true, presentBytes: 0 })))).toBe('evicted');
    expect(statusOf(model(file({ checked: 'wrong', presentBytes: 0 })))).toBe('wrong');
  });

  test('is proven by a sum only where all of all its files was compared', () => {
    expect(proofOf(model(file(), file()))).toBe('sum');
    expect(proofOf(model(file(), file({ checked: 'no-sum' })))).toBe('no-sum');
    const part = file({ checked: 'partial', presentBytes: 6, wantedBytes: 6 });
    expect(proofOf(model(file(), part))).toBe('partial');
    expect(leftOutBytes(model(file(), part))).toBe(4);
  });
});

describe('what a checkpoint is good for', () => {
  type Network = Inspection['networks'][number];
  const network = (changes: Partial<Network> = {}): Network => ({
    ...{ network: 'dit', files: [], tensors: 1, parameters: 1, bytes: 1, scaled: 0 },
    ...{ types: [{ dtype: 'BF16', type: 'bf16', tensors: 1, parameters: 1, bytes: 2 }] },
    ...{ missing: [], unexpected: [], differing: [], ...changes },
  });
  const inspection = (...networks: Network[]): Inspection => {
    return { label: 'x', fileBytes: 1, networks, lora: null, tokenizer: null, others: [] };
  };

  test('a whole transformer of known types can be run, even beside a network that is not whole', () => {
    expect(canRun(inspection(network()), 'dit')).toBe(true);
    expect(canRun(inspection(network(), network({ network: 'vae', missing: ['conv1.weight'] })), 'dit')).toBe(true);
  });

  test('one that lacks tensors, or has a type that no kernel decodes, cannot; nor can a text encoder', () => {
    const types = [{ dtype: 'IQ4_NL', type: null, tensors: 1, parameters: 1, bytes: 7 }];
    expect(canRun(inspection(network({ missing: ['head.head.bias'] })), 'dit')).toBe(false);
    expect(canRun(inspection(network({ types })), 'dit')).toBe(false);
    expect(canRun(inspection(network({ network: 'text' })), 'dit')).toBe(false);
    expect(unreadableTypes(inspection(network({ types })))).toMatchObject([{ dtype: 'IQ4_NL', bytes: 7 }]);
  });
});
