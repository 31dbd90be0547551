/**
 * All that a dictionary says: its texts, and what its functions answer. A function
 * is called with whatever it takes its values for, each of another number, so that
 * the text tells which of them it told; and again with 1 and with 0, for texts
 * that depend on those.
 */

export interface Said {
  /** 'progress.left(0)': the function's first answer. */
  readonly path: string;
  readonly text: string;
}

export function said(words: unknown, path = ''): Said[] {
  if (typeof words === 'string') return [{ path, text: words }];
  if (typeof words === 'function') return answers(words as Say, path);
  return Object.entries(words as object).flatMap(([key, value]) => said(value, path === '' ? key : `${path}.${key}`));
}

/** The numbers of the values that a text tells, each once, in order. */
export const valuesIn = (text: string): string => [...new Set(text.match(/7\d{3}/g))].sort().join(' ');

type Say = (...values: unknown[]) => unknown;

function answers(say: Say, path: string): Said[] {
  const counted = Array.from({ length: say.length }, (_, index) => anything(7001 + index));
  const all = said(say(...counted), `${path}(0)`);
  for (const [index, value] of [1, 0, allZero].entries()) {
    try {
      all.push(...said(say(...counted.map(() => value)), `${path}(${index + 1})`));
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // else it takes a text or a list there
    }
  }
  return all;
}

/** A number, a text, a list, or an object of such: what it is used as. */
function anything(value: number): unknown {
  const text = String(value);
  const list: unknown[] = [value, value];
  return new Proxy(() => {}, {
    get(_, key) {
      if (key === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? value : text);
      const owner = Reflect.has(list, key) ? list : Object(text);
      const member: unknown = Reflect.get(owner, key);
      if (typeof member === 'function') return member.bind(owner);
      return member ?? anything(value);
    },
  });
}

/** Options of which none is on. */
const allZero = new Proxy({}, { get: () => 0 });
