/** What a kept or opened run is called where it stands in a list. Pure. */
import type { SavedRun } from '../compare/read_saved';
import type { Words } from '../words/en';
import { day, size } from '../words/format';

/** Its name, or what it is. */
export const runLabel = (run: SavedRun, words: Words): string => run.name || kindOf(run, words);

/** 'Quick · Example GPU · 1 March 2026' */
export const runLine = (run: SavedRun, words: Words): string =>
  words.runs.line(kindOf(run, words), run.machine.adapter, day(run.createdAt, words));

function kindOf(run: SavedRun, { runs }: Words): string {
  if (run.schema === 'wanscope-result') return runs.modes[run.mode];
  return runs.video(size(run.settings), run.settings.frames, run.model);
}
