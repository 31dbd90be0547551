/** How deep a value by strangers goes, and how wide: what is nested deeper by thousands could be read, and neither written nor kept. */

/** Whether a value of JSON has lists and objects in one another to more than so many levels. Never goes deeper itself. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1)));

/** Lists and objects are values too, as are those in them. Of JSON whose depth was looked at: it goes as deep. */
export function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  let count = 1;
  for (const each of Object.values(value)) count += countValues(each);
  return count;
}

const [QUOTE, BACKSLASH, LIST, OBJECT, LIST_END, OBJECT_END, COMMA, COLON] = [...'"\\[{]},:'].map((c) =>
  c.charCodeAt(0),
);

export interface TextExtent {
  readonly levels: number;
  /** At least as many as countValues finds, and at most twice: of an empty list, one that is not there is counted. */
  readonly values: number;
  /** Those of them that have a name: each object may be of a kind of its own, which takes longest. */
  readonly named: number;
}

/** The same of JSON that is not parsed yet: to parse it takes forty bytes of memory for each level or value. Of other texts, anything. */
export function textExtent(json: string): TextExtent {
  let [level, levels, values, named, isString] = [0, 0, 1, 0, false];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === COMMA) values++;
    else if (code === COLON) named++;
    else if (code === LIST || code === OBJECT) {
      values++;
      if (++level > levels) levels = level;
    } else if (code === LIST_END || code === OBJECT_END) level--;
  }
  return { levels, values, named };
}

/** Whether it has lists and objects in one another to more than so many levels. */
export const isDeeperText = (json: string, levels: number): boolean => textExtent(json).levels > levels;
