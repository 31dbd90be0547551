/** What the fuzzers have done, as the table of docs/reliability.md. */
import { type FuzzRecord, NOTHING_DONE } from '../../scripts/fuzz_record.mjs';
import { table, withPart } from '../support/generated_part';

/** The page with the table between its markers; parsers in their order. */
export const withRecord = (page: string, record: FuzzRecord, parsers: readonly string[]): string =>
  withPart(
    page,
    'fuzz record',
    table([
      ['parser', 'minutes', 'since the last found', 'inputs', 'found'],
      ...parsers.map((name) => {
        const { minutes, minutesSinceFound, inputs, found } = record[name] ?? NOTHING_DONE;
        return [
          `\`${name}\``,
          minutes.toFixed(1),
          minutesSinceFound.toFixed(1),
          inputs.toLocaleString('en'),
          String(found),
        ];
      }),
    ]),
  );
