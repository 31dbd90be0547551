/** The documents: what they link to and name is there, their excerpts are the code, and every call of the engine has its place. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDevice } from '../src/gpu/device';
import { en } from '../src/words/en';
import { zh } from '../src/words/zh';

const read = (path: string) => readFileSync(path, 'utf8');

const DOCUMENTS = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => posix.join('docs', name)),
].filter((path) => path.endsWith('.md'));

const FENCE = /^ *```(.*)\n([\s\S]*?)^ *```$/gm;
const unindented = (code: string) => code.replace(/^ +/gm, '');
const withoutCode = (text: string) => text.replace(FENCE, '');

/** As GitHub makes them of headings. */
const anchorsOf = (path: string): Set<string> => {
  const headings = [...withoutCode(read(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  const plain = headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, ''));
  return new Set(plain.map((heading) => heading.trim().replace(/\s/g, '-')));
};

/** What a link in the document means, or null where nothing is there. */
function targetOf(document: string, link: string): string | null {
  const [path, anchor] = link.split('#') as [string, string | undefined];
  const target = path === '' ? document : posix.join(posix.dirname(document), path);
  if (!existsSync(target)) return null;
  return anchor === undefined || anchorsOf(target).has(anchor) ? target : null;
}

test('README, page and failure ask for the same browsers', async () => {
  const [, ...versions] = /Chrome or Edge (\d+), Safari (\d+), Firefox (\d+)/.exec(read('README.md'))!;
  for (const { unsupported } of [en, zh])
    expect(unsupported.browsers.map((browser) => /\d+/.exec(browser)![0])).toEqual(versions);
  const [chromium, safari, firefox] = versions;
  await expect(openDevice(undefined, '')).rejects.toThrow(
    `Use Chrome or Edge ${chromium}, Safari ${safari}, or Firefox ${firefox} and later`,
  );
});

/** Names that stand for files to be made. */
const TO_BE_MADE = /\/(x|weight_iq4_nl)\.(wgsl|ts|test\.ts)$/;

describe.for(DOCUMENTS)('%s', (document) => {
  const text = read(document);
  const prose = withoutCode(text);

  test('links to what is there', () => {
    const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const broken = links.filter((link) => !/^[a-z]+:/.test(link) && targetOf(document, link) === null);
    expect(broken).toEqual([]);
  });

  test('names files and folders that are there', () => {
    const spans = [...prose.matchAll(/`((?:src|shaders|workers|test|scripts|docs|tools|bench|public)\/[\w./-]*)`/g)];
    const named = spans.map(([, path]) => path!).filter((path) => !TO_BE_MADE.test(path));
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });

  // A fence that names a file shows parts of it, in their order; what is left out between them is a line with `…`.
  test('shows code as it is', () => {
    for (const [, info, code] of text.matchAll(FENCE)) {
      const [, path] = info!.split(' ');
      if (path === undefined) continue;
      const source = unindented(read(path));
      let at = 0;
      for (const part of unindented(code!).split(/^…$/m)) {
        const found = source.indexOf(part.trim(), at);
        expect(found, `${path}, from ${at} on:\n${part}`).toBeGreaterThanOrEqual(0);
        at = found + part.trim().length;
      }
    }
  });
});

test('what is said to be outside kernels is what the results beside it say', () => {
  const said = [...read('docs/performance.md').matchAll(/\[([\d.]+) %\]\((results\/[\w-]+\.json)\)/g)];
  expect(said).toHaveLength(4);
  for (const [, percent, path] of said) {
    const { counts } = JSON.parse(read(posix.join('docs', path!)));
    expect({ path, percent }).toEqual({ path, percent: (100 * (1 - counts.gpuBusy)).toPrecision(2) });
  }
});

test('every call of the engine has its heading, and its examples', () => {
  const [, ...interfaces] = read('workers/engine_api.ts').split(/^export interface (?:Clip|Engine)Api .*\{$/m);
  const calls = interfaces.flatMap((rest) =>
    [...rest.slice(0, rest.indexOf('\n}')).matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name!),
  );
  expect(calls.length).toBeGreaterThan(20);
  const told = read('docs/engine-api.md').split(/^### /m);
  const untold = calls.filter((name) => {
    const section = told.find((each) => each.startsWith(`\`${name}\``));
    return !section?.includes('workers/engine_api.ts\n') || !section.includes(`engine.${name}(`);
  });
  expect(untold).toEqual([]);
});
