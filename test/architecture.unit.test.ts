/** The rules of the house that no compiler knows: who imports whom, what belongs to a kernel, how long a file may be. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WEIGHT_FORMATS } from '../src/weights/weight_types';

// Vite reads these options at build time, so they must be literals.
const sources = import.meta.glob<string>('../src/**/*.ts', { query: '?raw', import: 'default', eager: true });
const workers = import.meta.glob<string>('../workers/**/*.ts', { query: '?raw', import: 'default', eager: true });
const shaders = import.meta.glob<string>('../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });
const parts = import.meta.glob<string>('../shaders/lib/**/*.wgsl', { query: '?raw', import: 'default', eager: true });
const tests = import.meta.glob<string>('./kernels/*.test.ts', { query: '?raw', import: 'default', eager: true });

/** Besides itself. docs/architecture.md has the same table, for readers. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  weights: ['core'],
  gpu: ['core', 'weights'],
  kernels: ['core', 'weights', 'gpu'],
  text: ['core', 'weights', 'gpu', 'kernels'],
  dit: ['core', 'weights', 'gpu', 'kernels'],
  vae: ['core', 'weights', 'gpu', 'kernels'],
  sampling: ['core', 'gpu', 'kernels'],
  pipeline: ['core', 'weights', 'gpu', 'kernels', 'text', 'dit', 'vae', 'sampling'],
  tuning: ['core', 'weights', 'gpu', 'kernels', 'pipeline'],
  generate: ['core', 'weights', 'gpu', 'kernels', 'text', 'dit', 'vae', 'sampling', 'pipeline'],
  bench: ['core', 'weights', 'gpu', 'kernels', 'text', 'dit', 'vae', 'sampling', 'pipeline'],
  words: ['core'],
  compare: ['core', 'words'],
  servers: ['core'],
  hub: ['core', 'weights', 'gpu', 'pipeline'], // a server for tests, in Node alone
  app: ['core', 'words', 'compare', 'servers'], // and types: the work happens in a worker
  cli: [
    ...['core', 'weights', 'gpu', 'kernels', 'text', 'dit', 'vae', 'sampling'],
    ...['pipeline', 'tuning', 'generate', 'bench', 'words', 'compare', 'servers', 'hub'],
  ],
};

/** The only worker file that both ends load: errors keep their code across the wire. */
const BOTH_ENDS = 'workers/error_transfer';

interface Import {
  readonly file: string;
  readonly from: string;
  /** The imported file from the project's root, such as 'src/core/units'. */
  readonly target: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** 'src/core/units' is in room 'core', 'workers/engine' in room 'workers'. */
const room = (path: string) => path.replace(/^src\//, '').split('/')[0]!;

const IMPORT = /^(?:import|export)( type)? [^'"]*from '(\.[^']+)'|\bimport(?: |\()'(\.[^']+)'/gm;

function importsOf(files: Record<string, string>): Import[] {
  return Object.entries(files).flatMap(([key, source]) => {
    const file = key.replace('../', '');
    return [...source.matchAll(IMPORT)].map(([, type, named, bare]) => {
      const target = posix.join(posix.dirname(file), (named ?? bare)!);
      return { file, from: room(file), target, to: room(target), typeOnly: Boolean(type) };
    });
  });
}

describe('imports', () => {
  const crossing = importsOf({ ...sources, ...workers }).filter(({ from, to }) => from !== to && to !== 'shaders');
  const show = (imports: Import[]) => imports.map(({ file, target }) => `${file} → ${target}`);

  test('run one way between the rooms of src', () => {
    const wrong = crossing.filter(({ from, to, target, typeOnly }) => {
      if (from === 'workers' || !target.startsWith('src/')) return false;
      return !MAY_IMPORT[from]?.includes(to) && !(from === 'app' && typeOnly);
    });
    expect(show(wrong)).toEqual([]);
  });

  test('of shaders happen in kernels alone', () => {
    const wrong = importsOf(sources).filter(({ from, to }) => to === 'shaders' && from !== 'kernels');
    expect(show(wrong)).toEqual([]);
  });

  test('never lead from a worker to the app', () => {
    expect(show(crossing.filter(({ from, to }) => from === 'workers' && to === 'app'))).toEqual([]);
  });

  test('of worker files happen in the app alone, as types or as the start of a worker', () => {
    const wrong = crossing.filter(({ from, to, target, typeOnly }) => {
      if (to !== 'workers') return false;
      return from !== 'app' || !(typeOnly || target === BOTH_ENDS || target.includes('?worker'));
    });
    expect(show(wrong)).toEqual([]);
  });

  test('every room has its row in the table', () => {
    const rooms = new Set(Object.keys(sources).map((file) => room(file.replace('../', ''))));
    expect([...rooms].filter((name) => !MAY_IMPORT[name])).toEqual([]);
  });

  test('are told to readers as they are here', () => {
    const rows = readFileSync('docs/architecture.md', 'utf8').matchAll(/^\| `src\/(\w+)` \|.*\| (.+) \|$/gm);
    const told = [...rows].map(([, name, list]) => [name, list === '–' ? [] : list!.split(', ')]);
    expect(Object.fromEntries(told)).toEqual(MAY_IMPORT);
  });
});

/** The stored type that a part under shaders/lib decodes; kernels/weight_parts.ts finds those by the file's name. */
const weightOf = (part: string) => /\/weight_(\w+)\.wgsl$/.exec(part)?.[1];

describe('kernels', () => {
  test.for(Object.keys(shaders))('%s has a wrapper and a reference test', (shader) => {
    const name = posix.basename(shader, '.wgsl');
    expect(shaders[shader], 'the entry point is named like the file').toMatch(new RegExp(`\\bfn ${name}\\s*\\(`));
    const wrapper = sources[`../src/kernels/${name}.ts`] ?? '';
    expect(wrapper, `src/kernels/${name}.ts`).toContain(`shaders/${name}.wgsl?raw`);
    expect(tests[`./kernels/${name}.test.ts`] ?? '', `test/kernels/${name}.test.ts`).toContain(
      'matches the definition',
    );
  });

  test('every part under shaders/lib is used', () => {
    const used = new Set(importsOf(sources).map(({ target }) => target.replace('?raw', '')));
    const unused = Object.keys(parts).filter((part) => !used.has(part.replace('../', '')) && !weightOf(part));
    expect(unused).toEqual([]);
  });

  test('every stored type has its part, found by name, and every such part its type', () => {
    const named = Object.keys(parts).flatMap((part) => weightOf(part) ?? []);
    expect(named.sort()).toEqual(Object.keys(WEIGHT_FORMATS).sort());
  });
});

describe('files', () => {
  // The aim is 250; what lies between asks to be parted.
  test('have 300 lines at most', () => {
    const lines = (source: string) => source.trimEnd().split('\n').length;
    // A dictionary is looked up, not read through.
    const isDictionary = (file: string) => file.startsWith('../src/words/');
    const long = Object.entries({ ...sources, ...workers }).filter(
      ([file, source]) => lines(source) > 300 && !isDictionary(file),
    );
    expect(long.map(([file, source]) => `${file}: ${lines(source)} lines`)).toEqual([]);
  });

  test('make neither markup nor code of strings', () => {
    const made =
      /\b(?:inner|outer)HTML\b|insertAdjacentHTML|createContextualFragment|\bDOMParser\b|setHTMLUnsafe|\bsrcdoc\b|unsafe(?:HTML|SVG)|document\.write|\beval\(|\bFunction\(|\bset(?:Timeout|Interval)\(['"`]/;
    const found = Object.entries({ ...sources, ...workers }).filter(([, source]) => made.test(source));
    expect(found.map(([file, source]) => `${file}: ${made.exec(source)![0]}`)).toEqual([]);
  });

  test('read the clock where it runs forwards alone', () => {
    const found = Object.entries({ ...sources, ...workers }).filter(([, source]) =>
      /\bperformance\.now\b/.test(source),
    );
    expect(found.map(([file]) => file)).toEqual(['../src/core/clock.ts']);
  });

  test('are named after what they hold', () => {
    const vague = Object.keys(sources).filter((file) => /\/(utils?|helpers?|misc|index)\.ts$/.test(file));
    expect(vague).toEqual([]);
  });
});
