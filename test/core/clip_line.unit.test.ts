import { describe, expect, test } from 'vitest';
import { type ClipSettings, DECODERS, SCHEDULES, SOLVERS, TOKENIZERS } from '../../src/core/clip';
import { clipLine, readClipLine, readClipWords, readSize } from '../../src/core/clip_line';
import { pick, seededRandom } from '../support/mutations';

const PIECES = [
  'a',
  'red circle',
  "'",
  '"',
  '\\',
  '--size',
  ' ',
  '\n',
  '\t',
  '红色',
  '🟢',
  '$HOME',
  '`ls`',
  ';',
  '=',
  '#',
];

test('any settings come back from their line', () => {
  const random = seededRandom(7);
  const text = () => Array.from({ length: random(8) }, () => pick(random, PIECES)).join('');
  for (let i = 0; i < 2000; i++) {
    const settings: ClipSettings = {
      prompt: text(),
      negativePrompt: text(),
      width: random(2000),
      height: random(2000),
      frames: random(400),
      steps: random(1000),
      solver: pick(random, SOLVERS),
      schedule: pick(random, SCHEDULES),
      shift: random(1000) / 100,
      guidance: random(1000) / 7,
      seed: random(2 ** 32) * 2 ** 20,
      noise: pick(random, ['torch-cpu', 'cuda-132']),
      decoder: pick(random, DECODERS),
      tokenizer: pick(random, TOKENIZERS),
    };
    expect(readClipLine(clipLine(settings))).toEqual(settings);
  }
});

describe('a line that a person wrote', () => {
  test('may name some settings only, quoted in either way', () => {
    expect(readClipLine(`  --prompt "it's red" --steps 8\n--size 64×32 --negative a\\ b`)).toEqual({
      prompt: "it's red",
      steps: 8,
      width: 64,
      height: 32,
      negativePrompt: 'a b',
    });
  });

  test.for([
    ['--speed 9', '"--speed" is none of --size, --prompt'],
    ['prompt red', '"prompt" is none of'],
    ['--toString 1', '"--toString" is none of'],
    ['--steps', '--steps has no value'],
    ['--steps many', '--steps is a number, not "many"'],
    ["--seed ''", '--seed is a number, not ""'],
    ['--prompt "red', 'The quote " at character 10 is not closed'],
    ['--size 96', '"96" is no size. Write it as 832x480.'],
  ])('%s is refused', ([line, message]) => {
    expect(() => readClipLine(line!)).toThrow(message);
  });

  test('words that a shell has split are read the same', () => {
    expect(readClipWords(['--prompt', 'a --b', '--seed', '3'])).toEqual({ prompt: 'a --b', seed: 3 });
  });
});

test('a size has two numbers', () => {
  expect(readSize(' 832x480 ')).toEqual({ width: 832, height: 480 });
  for (const text of ['x', '96x', '-96x96', '96x96x17', '9.5x9']) expect(() => readSize(text)).toThrow('is no size');
});
