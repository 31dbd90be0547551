import { expect, test } from 'vitest';
import { peakOfStages } from '../../src/core/stage_memory';
import { en } from '../../src/words/en';
import { memoryLines } from '../../src/words/memory_lines';
import { zh } from '../../src/words/zh';

const GIB = 2 ** 30;
const MEMORY = {
  encode: null,
  image: null,
  denoise: { weights: GIB, slots: GIB / 4, activations: 2 * GIB },
  decode: { weights: GIB, slots: 0, activations: 3 * GIB },
};
const plain = (lines: readonly string[]) => lines.map((line) => line.replace(/[\u202f\u00a0]/g, ' '));

test('memory is told of every stage that runs, with what it is for, and nothing of what is not there', () => {
  expect(plain(memoryLines(MEMORY, en))).toEqual([
    'Denoise: 3.25 GiB (1 GiB weights, 256 MiB slots for streamed weights, 2 GiB activations)',
    'Decode: 4 GiB (1 GiB weights, 3 GiB activations)',
  ]);
  expect(plain(memoryLines(MEMORY, zh))[1]).toBe('解码：4 GiB（权重 1 GiB，激活值 3 GiB）');
});

test('the peak is that of the stage that takes most, since each gives its memory back', () => {
  expect(peakOfStages(MEMORY)).toBe(4 * GIB);
  expect(peakOfStages({ encode: null, image: null, denoise: null, decode: null })).toBe(0);
});
