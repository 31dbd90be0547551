import { expect, test } from 'vitest';
import { keyText, valueText } from '../../src/app/run_text';
import { en } from '../../src/words/en';
import { referenceRun } from '../compare/reference_runs';

test('what a file calls like a part of every object is shown as it stands', () => {
  expect(valueText('resident', en)).toBe(en.comparison.values.resident);
  const { key } = referenceRun('l40s-03');
  for (const attention of ['constructor', '__proto__', 'toString']) {
    expect(valueText(attention, en)).toBe(attention);
    expect(keyText({ ...key, attention }, en)).toContain(` · ${attention}`);
  }
});
