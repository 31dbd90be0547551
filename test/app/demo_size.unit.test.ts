import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from '../../src/words/en';
import { zh } from '../../src/words/zh';

const demo = new URL('../../public/demo/', import.meta.url);

test('the page tells how much the demo model is, and that is what its files are', () => {
  const { text_encoder, transformer, vae } = JSON.parse(readFileSync(new URL('model.json', demo), 'utf8'));
  const files = ['model.json', text_encoder.tokenizer, ...[text_encoder, transformer, vae].map(({ file }) => file)];
  const bytes = files.reduce((sum, file) => sum + statSync(new URL(file, demo)).size, 0);
  for (const { generate } of [en, zh]) expect(generate.model.demoWhy).toContain(`${Math.round(bytes / 1e6)} MB`);
});
