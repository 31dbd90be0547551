import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { DICTIONARY } from '../../src/compare/link_dictionary';
import { resultSchema } from '../../src/compare/result_schema';
import { holdsLink, LINK_CHARACTERS, linkOf, readLink, UNPACKED_BYTES } from '../../src/compare/share_link';
import type { BenchmarkResult } from '../../src/core/result';
import { mutated, pick, seededRandom } from '../support/mutations';
import { exampleResult } from './example_result';
import { fieldPaths } from './schema_paths';
import { worstResult } from './worst_result';

const PAGE = 'https://somebody-with-a-long-name.github.io/a-long-project-name/index.html';
const fragmentOf = (link: string) => new URL(link).hash;
const linkWith = (bytes: Uint8Array) => `#compare?r=2.${Buffer.from(bytes).toString('base64url')}`;
const linkWithText = (text: string) => linkWith(deflateRawSync(text));

async function opened(link: string): Promise<BenchmarkResult> {
  const read = await readLink(fragmentOf(link));
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return read.result;
}

async function refusalOf(fragment: string) {
  const read = await readLink(fragment);
  return read.ok ? null : read.refusal;
}

describe('a link', () => {
  test('holds the whole result, to the last digit and unknown field', async () => {
    const example = { ...exampleResult({ name: '书房 🖥' }), added: { later: [0.1 + 0.2] } };
    const link = await linkOf(example, `${PAGE}?token=secret#benchmark`);
    expect(link).toMatch(/^https:.*index\.html#compare\?r=2\.[\w-]+$/);
    expect(link.length).toBeLessThan(1000);
    expect(await opened(link)).toEqual(example);
  });

  test.for([1, 2, 3, 4, 5])('holds all that a Standard run writes at most (%i)', async (seed) => {
    const worst = worstResult(seed);
    const link = await linkOf(worst, PAGE);
    expect(link.length).toBeLessThanOrEqual(LINK_CHARACTERS);
    expect(await opened(link)).toEqual(worst);
  });

  test('leaves out the timeline and the memory where there is more, and says so in the result', async () => {
    const worst = worstResult();
    const timeline = worst.timeline.flatMap((span) => [span, { ...span, label: `${span.label} ${span.toSeconds}` }]);
    const link = await linkOf({ ...worst, timeline }, PAGE);
    expect(link.length).toBeLessThanOrEqual(LINK_CHARACTERS);
    expect(await opened(link)).toEqual({
      ...worst,
      timeline: [],
      memory: { ...worst.memory, samples: [] },
      remarks: [...worst.remarks, { code: 'shortened', values: { spans: 400, memorySamples: 200 } }],
    });
  });

  test('is not made where the rest does not fit either: both numbers, and what to do', async () => {
    const random = seededRandom(9);
    const huge = exampleResult({
      id: Array.from({ length: 2000 }, () => String.fromCharCode(0x4e00 + random(20000))).join(''),
    });
    const cases = worstResult().cases.map((each) => ({
      ...each,
      key: { ...each.key, preset: huge.id.slice(random(500)) },
    }));
    await expect(linkOf({ ...huge, cases: [...cases, ...worstResult(2).cases] }, PAGE)).rejects.toThrow(
      /link of \d{4,} characters .* at most 8192\. Save it as a file/,
    );
  });

  test('of the first day opens for ever', async () => {
    expect(await opened(`${PAGE}${FIRST_LINK}`)).toEqual(exampleResult());
  });
});

test('every field has its word in the dictionary, once', () => {
  const fields = new Set(fieldPaths(resultSchema).flatMap((path) => path.replaceAll('[]', '').split('.')));
  expect([...fields].filter((field) => field !== '*' && !DICTIONARY.includes(field))).toEqual([]);
  expect(new Set(DICTIONARY).size).toBe(DICTIONARY.length);
});

describe('a stranger’s link', () => {
  test('is measured before anything else', async () => {
    const long = `#compare?r=2.${'A'.repeat(LINK_CHARACTERS)}`;
    expect(await refusalOf(long)).toEqual({ reason: 'link-too-long', characters: 8205, limit: 8192 });
  });

  test('is unpacked up to a bound: a bomb of 8 kB and 6 MB is refused', async () => {
    const bomb = linkWith(deflateRawSync(Buffer.alloc(6_000_000, ' '), { level: 9 }));
    expect(bomb.length).toBeLessThanOrEqual(LINK_CHARACTERS);
    expect(await refusalOf(bomb)).toEqual({ reason: 'link-unpacks', limitBytes: UNPACKED_BYTES });
  });

  test('of another version is refused with both numbers', async () => {
    expect(await refusalOf('#compare?r=3.AAAA')).toEqual({ reason: 'other-version', found: '3', known: 2 });
  });

  test.for([
    ['no result at all', '#compare?r='],
    ['letters that are no base64url', '#compare?r=2.A%20B'],
    ['letters beyond ASCII', '#compare?r=2.结果'],
    ['bytes that are not deflated', '#compare?r=2.____'],
    ['one character too few', '#compare?r=2.A'],
    ['text that is not JSON', linkWithText('<img src=x onerror=alert(1)>')],
    ['text that is not UTF-8', linkWith(deflateRawSync(Buffer.from([0x22, 0xff, 0xfe, 0x22])))],
    ['a word that is in no dictionary', linkWithText('{"~zzz":1}')],
    ['nesting without an end', linkWithText('['.repeat(5e4) + ']'.repeat(5e4))],
  ])('with %s is damaged', async ([, fragment]) => {
    expect(await refusalOf(fragment!)).toEqual({ reason: 'link-damaged' });
  });

  test('is read as a file is: a wrong field is named', async () => {
    expect(await refusalOf(linkWithText('null'))).toMatchObject({ reason: 'other-schema' });
    expect(await refusalOf(linkWithText('{"schema":"wanscope-result","version":9}'))).toMatchObject({ found: '9' });
    const { stages, ...rest } = exampleResult();
    const wrong = linkWithText(JSON.stringify({ ...rest, stages: { ...stages, init: '<b>' } }));
    expect(await refusalOf(wrong)).toMatchObject({ reason: 'field', path: 'stages.init' });
  });

  test('with HTML in every text is text, and with prototypes in it pollutes none', async () => {
    const html = '<img src=x onerror=alert(1)>';
    const example = exampleResult({ name: html, id: html, engineVersion: html });
    expect((await opened(await linkOf(example, PAGE))).name).toBe(html);
    const polluted = JSON.stringify(exampleResult()).replace(
      '{',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"more":{"__proto__":{"polluted":1}},',
    );
    const read = await readLink(linkWithText(polluted));
    expect(read.ok).toBe(true);
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    if (read.ok) expect((read.result as { polluted?: 1 }).polluted).toBeUndefined();
    expect(({} as { polluted?: 1 }).polluted).toBeUndefined();
  });

  test('damaged 400 times over is refused, or still a result that a link can be made of', async () => {
    const random = seededRandom(11);
    const [small, large] = [await linkOf(exampleResult(), ''), await linkOf(worstResult(), '')];
    const reasons = new Map<string, number>();
    for (let i = 0; i < 400; i++) {
      const packed = pick(random, [small, small, small, large]).split('2.')[1]!;
      const bytes = Buffer.from(packed, 'base64url');
      const damaged =
        i % 2 === 0
          ? linkWith(mutated(random, bytes))
          : `#compare?r=2.${new TextDecoder('latin1').decode(mutated(random, Buffer.from(packed)))}`;
      const read = await readLink(damaged);
      if (read.ok) await linkOf(read.result, PAGE);
      const reason = read.ok ? 'opened' : read.refusal.reason;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect(reasons.get('link-damaged')).toBeGreaterThan(100);
    expect([...reasons.values()].reduce((sum, count) => sum + count)).toBe(400);
  });

  test('with damaged words and numbers inside is refused by its field, or opened', async () => {
    const random = seededRandom(12);
    const text = new TextEncoder().encode(JSON.stringify(exampleResult()));
    const reasons = new Set<string>();
    for (let i = 0; i < 800; i++) {
      const damaged = linkWith(deflateRawSync(mutated(random, text)));
      const read = damaged.length > LINK_CHARACTERS ? null : await readLink(damaged);
      if (read?.ok) await linkOf(read.result, PAGE);
      reasons.add(!read ? 'long' : read.ok ? 'opened' : read.refusal.reason);
    }
    expect([...reasons]).toEqual(expect.arrayContaining(['link-damaged', 'field', 'opened']));
  });
});

test('an address with a result in it is known', () => {
  expect(['#compare?r=2.AA', '#compare?lang=zh&r=2.AA', '#compare', '#benchmark?r=2.AA'].map(holdsLink)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

const FIRST_LINK = [
  '#compare?r=2.zVPBbtswDP2V4p1VQ6Rk2eZxw7DrMGyXBcGQbk6b1knaJG3TFfG3D6SS1EHW-3yQn8gnknoiX9HTBoKeHuHQ0xO',
  'E9f8MQbudzO-71uxbCAy8QMCe06UPl56-EYv34n3hvf9hhD8aLUbF7BUzGY6QV_Q8g-BTDnzx-ct3c92eJuM7CKaz1Xpjuw4CKrg',
  'ItptryLA1vIBMJ926VbyE4INZ7yEj9MGyBrY1YKyeh1zCBhK5iU2quElqf4aQ57hTvILg481qOW8vqMyVryGb1WNr7tJChAhhP_w',
  '0SwmJZ8YEWTx2ncLq1K-mGhKOBk1QW_xrCFL021Dyliot4gaSoh6ZQUKpT3QLocqhv4MQWbQOUjr081yuQ7-AlKRcFad_0Tj3iky',
  '9B0XPivTK026yvtHNGkJaSGOFTGwle1L1-tweDBmNlXV17qeh_9f757kgx44dFY1jI_8-J6dhsPYfyaojwZ4nGeVNxD487dUjrvf',
  'yVT7u5UuU9QvJ1wcB_f-rYHnwc4pDykC3dEjBTVGX74h3IKUQgx_SsoaVYgX1ATQHkC_DV8eePobnXOfXnGVmI0hd1sZhNV__XCx',
  'XcxtDuoWMkvcuecfRj3Mxo-SCI_PfQUbN6SBRebp9w3aizhHfCGGAh4O6b5OsWGggvmi0hcIEUtt8hSuI_mmiDTIcTW4hI73-9Pg',
  'YfA153e3Gu78',
].join('');
