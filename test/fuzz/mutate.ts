/**
 * Inputs made of good ones: as bytes, as two good ones put together, and for JSON by what its parts mean. Seeded, so that an
 * input is known by its parser, the seed and its number.
 */
import { joined, mutated, pick, type Random } from '../support/mutations';

export type Make = (random: Random) => Uint8Array | Promise<Uint8Array>;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** One of the good ones, or the begin of one and the end of another, with bytes damaged. */
export function damagedBytes(seeds: readonly Uint8Array[]): Make {
  return (random) => {
    const [one, other] = [pick(random, seeds), pick(random, seeds)];
    if (random(4)) return mutated(random, one);
    const spliced = joined([one.subarray(0, random(one.length + 1)), other.subarray(random(other.length + 1))]);
    return random(2) && spliced.length > 0 ? mutated(random, spliced) : spliced;
  };
}

/** Some values of the JSON become something else; now and then its text is damaged, too. */
export function damagedJson(seeds: readonly string[], wrap: (text: string) => Uint8Array | Promise<Uint8Array>): Make {
  return async (random) => {
    const text = mutatedJson(random, pick(random, seeds), pick(random, seeds));
    const isDamaged = random(8) === 0 && text !== '';
    return wrap(isDamaged ? DECODER.decode(mutated(random, ENCODER.encode(text))) : text);
  };
}

/** The same, of files that are JSON and nothing else. */
export const damagedJsonFile = (seeds: readonly string[]): Make => damagedJson(seeds, (text) => ENCODER.encode(text));

/** Of what stands for itself only: as much as any reader takes, and not so much that it fills the memory by itself. */
const MOST_CHARACTERS = 2 ** 25;

type Container = Record<string, unknown>;

const isContainer = (value: unknown): value is Container =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** `other`: where parts may come from. Reading a text takes less time than copying its value. */
function mutatedJson(random: Random, text: string, other: string): string {
  const raws: string[] = [];
  // What `JSON.stringify` cannot write, such as a name given twice, stands for itself only in the text.
  const mark = (raw: string) => `\u0001${raws.push(raw) - 1}\u0001`;
  const holder: Container = { root: JSON.parse(text) };
  for (let i = 0; i <= random(3); i++) edit(random, holder, other, mark);
  const written = JSON.stringify(holder.root) ?? '';
  let left = MOST_CHARACTERS;
  return written.replace(/"\\u0001(\d+)\\u0001"/g, (_, index) => {
    const raw = raws[Number(index)]!;
    left -= raw.length;
    return left > 0 ? raw : '"0"'; // which may stand for a name, too
  });
}

/** A place at any depth; deeper ones as often as those above them. */
function place(random: Random, root: Container): readonly [holder: Container, key: string] {
  let [holder, key] = [root, pick(random, Object.keys(root))];
  for (;;) {
    const child = holder[key];
    if (!isContainer(child) || random(5) === 0) return [holder, key];
    [holder, key] = [child, pick(random, Object.keys(child))];
  }
}

function edit(random: Random, root: Container, other: string, mark: (raw: string) => string): void {
  if (!isContainer(root)) return;
  const [holder, key] = place(random, root);
  const child = holder[key];
  switch (random(8)) {
    case 0:
      if (Array.isArray(holder)) holder.splice(Number(key), 1);
      else delete holder[key];
      return;
    case 1: {
      // Many more of the same.
      const count = 2 ** random(10);
      if (Array.isArray(child)) for (let i = 0; i < count; i++) child.push(structuredClone(child[0] ?? null));
      else if (isContainer(child)) {
        const [first] = Object.keys(child);
        for (let i = 0; i < count; i++) child[`${first}${i}`] = i;
      }
      return;
    }
    case 2:
      if (Array.isArray(holder)) holder.push(child);
      else holder[mark(JSON.stringify(pick(random, [...NAMES, ...Object.keys(holder)])))] = child;
      return;
    case 3: {
      const from: Container = { root: JSON.parse(other) };
      const [fromHolder, fromKey] = place(random, from);
      holder[key] = fromHolder[fromKey];
      return;
    }
    default:
      holder[key] = mark(pick(random, VALUES)(random));
  }
}

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'length', '', '0', '-1', '\ud800', 'a\u0000b'];

/** JSON that readers trip over. */
const VALUES: readonly ((random: Random) => string)[] = [
  (random) =>
    pick(random, ['null', 'true', '[]', '{}', '""', '[[]]', '[null]', '"__proto__"', '"toString"', '"\\ud800"']),
  (random) => pick(random, ['0', '-0', '-1', '0.5', '1e999', '-1e999', '1e308', '1e300', '5e-324', '9007199254740993']),
  (random) => String(2 ** random(64) - random(2)),
  (random) =>
    `"${pick(random, ['a', '9', ' ', '<', '\\u0000', '😀', '.', '/', 'wan2.2 ti2v '])}"`.replace(
      /^"(.*)"$/,
      (_, part: string) => `"${part.repeat(2 ** random(13))}"`,
    ),
  (random) => pick(random, ['{"toString":1,"valueOf":1}', '{"length":1e9}', '{"__proto__":{"a":1}}', '{"then":1}']),
  (random) => {
    const depth = 2 ** random(15);
    return pick(random, [
      '['.repeat(depth) + ']'.repeat(depth),
      `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
      '['.repeat(depth),
    ]);
  },
  (random) => `[${`${pick(random, ['0', '"a"', '[]', '{}', 'null'])},`.repeat(2 ** random(random(20) ? 10 : 18))}0]`,
  (random) => `{${Array.from({ length: 2 ** random(random(20) ? 10 : 16) }, (_, i) => `"${i}a":${i}`).join()}}`,
];
