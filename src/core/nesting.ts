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

const [QUOTE, BACKSLASH, LIST, OBJECT, LIST_END, OBJECT_END, COMMA] = ['"', '\\', '[', '{', ']', '}', ','].map((c) =>
  c.charCodeAt(0),
);

/** The same of JSON that is not parsed yet: to parse it takes forty bytes of memory for each level. Of other texts, anything. */
export function isDeeperText(json: string, levels: number): boolean {
  let [level, isString] = [0, false];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (code === LIST || code === OBJECT) {
      if (++level > levels) return true;
    } else if (code === LIST_END || code === OBJECT_END) level--;
  }
  return false;
}

/**
 * Whether JSON that is not parsed yet has more than so many values, by its commas and brackets: to parse and check one takes up
 * to a microsecond and a hundred bytes of memory, and it may have two characters. Of other texts, anything.
 */
export function hasMoreValues(json: string, most: number): boolean {
  let [values, isString] = [0, false];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if ((code === COMMA || code === LIST || code === OBJECT) && ++values > most) return true;
  }
  return false;
}
