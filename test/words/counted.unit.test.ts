import { expect, test } from 'vitest';
import { en } from '../../src/words/en';

test('of one thing no word is said in the plural', () => {
  const { card } = en.weights;
  const said = [
    card.noneWhy(1),
    card.lora.layers(1, ''),
    card.lora.differences(1),
    card.lora.textEncoder(1),
    card.missing(1, 'a'),
    card.missingShards(1),
    card.differing(1, 'a'),
    card.unexpected(1, 'a'),
    en.generate.result.steps(1, '2 s'),
    en.generate.result.resumed(1),
    en.compare.table.key.steps(1),
    en.compare.bars.axis('work', 1),
    en.compare.table.caption('work', 1),
  ];
  for (const text of said) expect(text).not.toMatch(/\b1 \w+s\b|\bare\b|\bhave\b|\bwere\b|themselves|each/);
  expect(card.missing(2, 'a, b')).toBe('Not complete: 2 tensors are missing (a, b).');
});
