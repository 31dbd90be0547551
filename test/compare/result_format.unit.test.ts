/** docs/result-format.md against the schema: neither has a field, a word or a limit that the other lacks. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { MOST, resultSchema } from '../../src/compare/result_schema';
import { fieldPaths, itemOf } from './schema_paths';

const text = await readFile(new URL('../../docs/result-format.md', import.meta.url), 'utf8');
const quoted = new Set([...text.matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside!));

/** The same shape in several places is described once: keys and figures. */
const described = (path: string) =>
  path
    .replace(/^(?:projection|checks\[\]|cases\[\])\.key\./, 'key.')
    .replace(/^projection\.stages\./, 'stages.')
    .replace(/^(?:stages\.\w+|cases\[\]\.step)\.(kind|seconds|samples|warmUp)$/, 'stages.step.$1')
    .replace(/^remarks\[\]\.values\./, '');

const paths = fieldPaths(resultSchema);

test('every field of the schema is documented', () => {
  expect(paths.length).toBeGreaterThan(150);
  expect([...new Set(paths.map(described))].filter((path) => !quoted.has(path))).toEqual([]);
});

test('every field that is documented is in the schema', () => {
  const dotted = [...quoted].filter((each) => /^[a-z]\w*(?:\[\])?\.[\w.[\]*]+$/i.test(each) && !each.includes('/'));
  expect(dotted.length).toBeGreaterThan(40);
  expect(dotted.filter((each) => !paths.includes(each))).toEqual([]);
});

test('every word that a field may hold is documented', () => {
  const words = new Set(wordsOf(resultSchema));
  expect(words.size).toBeGreaterThan(30);
  expect([...words].filter((word) => !quoted.has(word) && !quoted.has(`"${word}"`))).toEqual([]);
});

test('the limits are those of the schema', () => {
  const { samples, spans, memorySamples, cases, checks, kernels, remarks } = MOST;
  const line = [
    `${samples} samples a figure`,
    `${spans} spans`,
    `${memorySamples} memory samples`,
    `${cases} cases`,
    `${checks} checks`,
    `${kernels} kernels`,
    `${remarks} remarks`,
  ].join(', ');
  expect(text.replaceAll(',', '')).toContain(line.replaceAll(',', ''));
});

/** Of picklists and literals; the codes of errors stand in their own file. */
function wordsOf(schema: unknown): string[] {
  const { type, options, literal, entries, wrapped } = schema as {
    type: string;
    options?: readonly unknown[];
    literal?: unknown;
    entries?: Record<string, unknown>;
    wrapped?: unknown;
  };
  if (type === 'picklist') return options!.length > 10 ? [] : (options as string[]);
  if (type === 'literal') return [String(literal)].filter((word) => Number.isNaN(Number(word)));
  return [...(options ?? []), ...Object.values(entries ?? {}), itemOf(schema), wrapped]
    .filter(Boolean)
    .flatMap(wordsOf);
}
