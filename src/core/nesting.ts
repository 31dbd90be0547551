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

const [QUOTE, BACKSLASH, LIST, OBJECT, LIST_END, OBJECT_END, COLON] = ['"', '\\', '[', '{', ']', '}', ':'].map((c) =>
  c.charCodeAt(0),
);

/** Gives `isEnough` each character of JSON that stands outside of its strings, until it says so. Whether it did. */
function someOutsideStrings(json: string, isEnough: (code: number) => boolean): boolean {
  let isString = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (isString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (isEnough(code)) return true;
  }
  return false;
}

/** The same of JSON that is not parsed yet: to parse it takes forty bytes of memory for each level. Of other texts, anything. */
export function isDeeperText(json: string, levels: number): boolean {
  let level = 0;
  return someOutsideStrings(json, (code) => {
    if (code === LIST_END || code === OBJECT_END) level--;
    return (code === LIST || code === OBJECT) && ++level > levels;
  });
}

/** Lists, objects and names of such JSON: parsed, each takes ten to a hundred times its characters. Of other texts, anything. */
export function countPartsOfText(json: string): number {
  let count = 0;
  someOutsideStrings(json, (code) => {
    if (code === LIST || code === OBJECT || code === COLON) count++;
    return false;
  });
  return count;
}
