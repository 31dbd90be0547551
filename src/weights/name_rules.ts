/**
 * Rules that turn the names of one scheme into those of another, both ways.
 *
 * A rule is a pair of templates. `#` stands for a number and `{a|b}` for one of several parts; the
 * numbers keep their order, and the n-th choice of a part becomes the n-th choice on the other side.
 */

export type Rule = readonly [template: string, other: string];

/** Returns null for a name that no rule describes. */
export type Translate = (name: string) => string | null;

const MOST_DIGITS = 4;
const NUMBER = `(0|[1-9]\\d{0,${MOST_DIGITS - 1}})`;

export function translation(rules: readonly Rule[]): Translate {
  // Names that differ in numbers only share a key, so that a look-up takes a few comparisons however many rules there are.
  const known = new Map<string, { readonly matches: RegExp; readonly to: readonly string[] }[]>();
  // A header may hold thousands of names of 64 KiB, which every naming looks through: none as long as that is known.
  let longest = 0;
  for (const [from, to] of rules) {
    const targets = expand(to);
    expand(from).forEach((template, i) => {
      const literal = template.split('#').map((part) => part.replaceAll('.', '\\.'));
      const rule = { matches: new RegExp(`^${literal.join(NUMBER)}$`), to: targets[i]!.split('#') };
      longest = Math.max(longest, template.replaceAll('#', '0'.repeat(MOST_DIGITS)).length);
      const key = keyOf(template);
      known.set(key, [...(known.get(key) ?? []), rule]);
    });
  }
  return (name) => {
    if (name.length > longest) return null;
    for (const { matches, to } of known.get(keyOf(name)) ?? []) {
      const numbers = matches.exec(name)?.slice(1);
      if (numbers) return to.map((part, i) => part + (numbers[i] ?? '')).join('');
    }
    return null;
  };
}

export const reversed = (rules: readonly Rule[]): Rule[] => rules.map(([from, to]) => [to, from]);

const keyOf = (name: string) => name.replace(/\d+/g, '#');

/** One template for each combination of choices, in the order of the choices. */
function expand(template: string): string[] {
  const [, before, choices, after] = /^(.*?)\{([^}]*)\}(.*)$/.exec(template) ?? [];
  if (choices === undefined) return [template];
  return choices.split('|').flatMap((choice) => expand(`${before}${choice}${after}`));
}
