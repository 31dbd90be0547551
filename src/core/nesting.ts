/** How deep a value by strangers goes, how wide it is, and whether JSON can hold it: what could be read, and neither written nor kept. */

/** Whether a value of JSON has lists and objects in one another to more than so many levels. Never goes deeper itself. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1)));

export interface Survey {
  /** Lists and objects, and all that is in them. */
  readonly values: number;
  readonly isDeeper: boolean;
  /** Where the first number without an end is, as 'a.b.0'. */
  readonly infinite: string | null;
}

/** One walk over a value of JSON, which may be large. What is deeper than so many levels is not looked at. */
export function survey(json: unknown, levels: number): Survey {
  let [values, isDeeper, infinite] = [0, false, null as string | null];
  /** Whether what was found is in here: then its path is still to be put together. */
  const walk = (value: unknown, left: number): boolean => {
    values++;
    if (typeof value === 'number' && infinite === null && !Number.isFinite(value)) {
      infinite = '';
      return true;
    }
    if (typeof value !== 'object' || value === null) return false;
    if (left === 0) {
      isDeeper = true;
      return false;
    }
    let isHere = false;
    const within = (name: string | number, each: unknown) => {
      if (!walk(each, left - 1)) return;
      isHere = true;
      infinite = infinite === '' ? `${name}` : `${name}.${infinite}`;
    };
    if (Array.isArray(value)) for (let i = 0; i < value.length; i++) within(i, value[i]);
    else for (const name in value) within(name, (value as Readonly<Record<string, unknown>>)[name]);
    return isHere;
  };
  walk(json, levels);
  return { values, isDeeper, infinite };
}

const [QUOTE, BACKSLASH, LIST, OBJECT, LIST_END, OBJECT_END, COMMA, COLON] = [...'"\\[{]},:'].map((c) =>
  c.charCodeAt(0),
);

/** Far more than any file has. */
const MOST_LEVELS = 64;

export interface TextExtent {
  readonly levels: number;
  /** And objects. */
  readonly lists: number;
  /** Those that have a name: each object may be of a kind of its own, which takes longest. */
  readonly named: number;
  /** Those of one object, at most; of objects in more than `MOST_LEVELS` others, not counted. */
  readonly names: number;
  /** At least as many as `survey` finds, and at most twice: of an empty list, one that is not there is counted. */
  readonly values: number;
}

/** The same of JSON that is not parsed yet: to parse it takes forty bytes of memory for each level or value. Of other texts, anything. */
export function textExtent(json: string): TextExtent {
  let [level, levels, lists, named, names, commas, isString] = [0, 0, 0, 0, 0, 0, false];
  const namesAt = new Uint32Array(MOST_LEVELS);
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === COMMA) commas++;
    else if (code === COLON) {
      named++;
      if (level > 0 && level < MOST_LEVELS) names = Math.max(names, ++namesAt[level]!);
    } else if (code === LIST || code === OBJECT) {
      lists++;
      if (++level > levels) levels = level;
      if (level >= 0 && level < MOST_LEVELS) namesAt[level] = 0;
    } else if (code === LIST_END || code === OBJECT_END) level--;
  }
  return { levels, lists, named, names, values: 1 + commas + lists };
}
