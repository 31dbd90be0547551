import { expect, test } from 'vitest';
import { consequence } from '../../src/app/consequence';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';
import type { StreamingOutlook } from '../../workers/engine_api';

const GIB = 2 ** 30;
const outlook = (changes: Partial<StreamingOutlook> = {}): StreamingOutlook => ({
  besidesBytes: 0.4 * GIB,
  residentBytes: 2.1 * GIB,
  streamedBytes: 7.2 * GIB,
  slotBytes: 0.25 * GIB,
  stepSeconds: 4,
  uploadBytesPerSecond: 3.1e9,
  ...changes,
});

const CASES = {
  hidden: outlook(),
  exposed: outlook({ stepSeconds: 0.5 }),
  'nothing kept': outlook({ residentBytes: 0, streamedBytes: 9.3 * GIB }),
  'all fits': outlook({ residentBytes: 9.3 * GIB, streamedBytes: 0 }),
  'small weights only': outlook({ residentBytes: 0, streamedBytes: 0, slotBytes: 0 }),
};

const plain = (lines: string[]) => lines.map((line) => line.replace(/[\u202f\u00a0]/g, ' '));

test.for(Object.keys(CASES) as (keyof typeof CASES)[])('the consequence of a choice in words: %s', (name) => {
  const options = { residency: 'stream', fromStorage: false } as const;
  expect(plain(consequence(CASES[name], options, en))).toMatchSnapshot();
  expect(plain(consequence(CASES[name], options, zh))).toMatchSnapshot();
});

test('weights out of storage are said to come slower, perhaps; those that stay are not', () => {
  const from = (choice: StreamingOutlook) => consequence(choice, { residency: 'stream', fromStorage: true }, en);
  expect(from(outlook())).toHaveLength(3);
  expect(from(CASES['all fits'])).toHaveLength(2);
});

test('the wait that is told is the time bringing takes beyond computing', () => {
  const [line] = plain(
    consequence(outlook({ streamedBytes: 6.2e9, stepSeconds: 0.5 }), { residency: 'stream', fromStorage: false }, en),
  );
  expect(line).toContain('At the measured 3.1 GB/s that takes 2.00 s; computing a step takes about 500 ms');
  expect(line).toContain('wait for about 1.50 s of it');
});
