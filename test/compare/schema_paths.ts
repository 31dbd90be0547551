/** Every field of a valibot schema by its path: 'stages.step.seconds', 'cases[].key.preset', 'machine.limits.*'. */
export function fieldPaths(schema: unknown, path = ''): string[] {
  const { type, entries, item, wrapped, value, options } = schema as Schema;
  const below = (name: string) => (path === '' ? name : `${path}.${name}`);
  switch (type) {
    case 'loose_object':
      return Object.entries(entries!).flatMap(([name, field]) => [below(name), ...fieldPaths(field, below(name))]);
    case 'array':
      return fieldPaths(item, `${path}[]`);
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

interface Schema {
  readonly type: string;
  readonly entries?: Record<string, unknown>;
  readonly item?: unknown;
  readonly wrapped?: unknown;
  readonly value?: unknown;
  readonly options?: readonly unknown[];
}
