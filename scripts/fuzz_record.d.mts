/** Types of fuzz_record.mjs, for the tests. */
export interface ParserRecord {
  /** Of the processor. */
  readonly minutes: number;
  /** Of them, those since a run last found something. */
  readonly minutesSinceFound: number;
  readonly inputs: number;
  readonly found: number;
  /** Of the runs: no input is counted twice. */
  readonly seeds: readonly number[];
}
export type FuzzRecord = Readonly<Record<string, ParserRecord>>;

export interface RunPart {
  readonly minutes: number;
  readonly inputs: number;
  readonly found: number;
  readonly isClean: boolean;
}

export const NOTHING_DONE: ParserRecord;
export function readRecord(): FuzzRecord;
export function writeRecord(record: FuzzRecord): void;
export function withPart(record: FuzzRecord, name: string, seed: number, part: RunPart): FuzzRecord;
