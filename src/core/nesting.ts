/** How deep a value by strangers goes: what is nested deeper by thousands could be read, and neither written nor kept. */

/** Whether a value of JSON has lists and objects in one another to more than so many levels. Never goes deeper itself. */
export const isDeeper = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((each) => isDeeper(each, levels - 1)));
