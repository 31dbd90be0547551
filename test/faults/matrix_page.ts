/** The fault matrix as Markdown, put between its markers into docs/reliability.md. */
import { type Cell, type Fault, STAGES, type TestName } from './matrix';

const BEGIN = '<!-- The fault matrix. -->';
const END = '<!-- End of the fault matrix. -->';

/** The page with the matrix between its markers, where there was another. Throws where it has no markers. */
export function withMatrix(page: string, faults: readonly Fault[]): string {
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/reliability.md needs the lines ${BEGIN} and ${END}.`);
  return `${page.slice(0, from + BEGIN.length)}\n\n${matrix(faults)}\n\n${page.slice(to)}`;
}

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
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['fault', ...STAGES]),
    row(Array.from({ length: STAGES.length + 1 }, () => '---')),
    ...faults.map(({ name, cells }) => row([name, ...STAGES.map((stage) => cellText(cells[stage]))])),
  ];
  const rules = faults.map(({ name, made, ends }) => `- **${name}.** ${made} ${ends}`);
  const tests = [...numbers].map(([test, number]) => {
    const [file, name] = test.split(' › ') as [string, string];
    return `${number}. [${file.replace(/^test\//, '')}](../${file}): ${name}`;
  });
  return [table.join('\n'), rules.join('\n'), '### Tests', tests.join('\n')].join('\n\n');
}
