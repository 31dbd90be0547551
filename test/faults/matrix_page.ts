/** The fault matrix as Markdown, put between its markers into docs/reliability.md. */
import { table, withPart } from '../support/generated_part';
import { type Cell, type Fault, STAGES, type TestName } from './matrix';

/** The page with the matrix between its markers, where there was another. Throws where it has no markers. */
export const withMatrix = (page: string, faults: readonly Fault[]): string =>
  withPart(page, 'fault matrix', matrix(faults));

/** Tests are numbered in the order in which they are first named. */
function matrix(faults: readonly Fault[]): string {
  const numbers = new Map<TestName, number>();
  const numberOf = (test: TestName): number => {
    const number = numbers.get(test) ?? numbers.size + 1;
    numbers.set(test, number);
    return number;
  };
  const cellText = (cell: Cell) =>
    'cannot' in cell ? `– ${cell.cannot}` : `✓ ${cell.map((test) => `[${numberOf(test)}](#tests)`).join(' ')}`;
  const cells = [
    ['fault', ...STAGES],
    ...faults.map(({ name, cells }) => [name, ...STAGES.map((stage) => cellText(cells[stage]))]),
  ];
  const rules = faults.map(({ name, made, ends }) => `- **${name}.** ${made} ${ends}`);
  const tests = [...numbers].map(([test, number]) => {
    const [file, name] = test.split(' › ') as [string, string];
    return `${number}. [${file.replace(/^test\//, '')}](../${file}): ${name}`;
  });
  return [table(cells), rules.join('\n'), '### Tests', tests.join('\n')].join('\n\n');
}
