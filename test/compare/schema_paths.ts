/** Every field of a valibot schema by its path: 'stages.step.seconds', 'cases[].key.preset', 'machine.limits.*'. */
export function fieldPaths(schema: unknown, path = ''): string[] {
  const { type, entries, wrapped, value, options } = schema as Schema;
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  switch (type) {
    case 'loose_object':
      return Object.entries(entries!).flatMap(([name, field]) => [below(name), ...fieldPaths(field, below(name))]);
    case 'array':
      return fieldPaths(itemOf(schema), `${path}[]`);
    case 'nullable':
    case 'exact_optional':
      return fieldPaths(wrapped, path);
    case 'record':
      return [below('*'), ...fieldPaths(value, below('*'))];
    case 'variant':
      return [...new Set(options!.flatMap((option) => fieldPaths(option, path)))];
    default:
      return [];
  }
}

/** Where a list's length is looked at first, its items are in the last schema of its pipe. */
export function itemOf(schema: unknown): unknown {
  const { item, pipe } = schema as Schema;
  return (pipe?.findLast((step) => (step as Schema).item) as Schema | undefined)?.item ?? item;
}

interface Schema {
  readonly type: string;
  readonly entries?: Record<string, unknown>;
  readonly item?: unknown;
  readonly pipe?: readonly unknown[];
  readonly wrapped?: unknown;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
}
