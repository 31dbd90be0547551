/** Runs in words: what they are called, what they did, and how their figures came to the work that they stand at. Pure. */
import { cardName } from '../compare/card';
import type { Comparison } from '../compare/compare_runs';
import { nameText } from '../compare/inline_text';
import type { PlacedRun } from '../compare/place_run';
import type { Run, RunKey } from '../core/run';
import type { Words } from '../words/en';
import { day, figures, size } from '../words/format';

/** Its card; of a run that tells none, its name. Names come from files: one line, and not long. */
export const runTitle = ({ device, name }: Run, { compare }: Words): string =>
  nameText(cardName(device.name)) || nameText(name) || compare.table.unnamed;

/** What else tells it from others of its card: the published number first, for on a phone there is room for little else. */
export function runNotes(run: Run, words: Words): string[] {
  const { name, software, date } = run;
  const told = [name, date ? day(date, words) : '', software.split(',')[0] ?? ''].map(nameText);
  return told.filter((text) => text !== '' && text !== runTitle(run, words));
}

/** Of a video made here: its model, and that it is not of one session. */
export function clipNotes({ name, extra }: Run, { compare }: Words): string[] {
  const { resumedSteps } = extra;
  const resumed = typeof resumedSteps === 'number' && resumedSteps > 0;
  return [nameText(name), ...(resumed ? [compare.table.resumed(resumedSteps)] : [])];
}

/** '1280×704, 161 frames'; what is not stated is left out. */
export function clipText({ width, height, frames }: RunKey, { compare }: Words): string {
  if (width === null || height === null) return frames === null ? compare.table.key.unknown : compare.frames(frames);
  return frames === null ? size({ width, height }) : compare.clip(size({ width, height }), frames);
}

/** From one work to another, by what tells them apart: always their frames. Short, for it stands in every chart. */
export function workChange(from: RunKey, to: RunKey, words: Words): string {
  const { change, table } = words.compare;
  const { guided, unguided, batch } = table.key;
  const sized = from.width !== to.width || from.height !== to.height;
  const clip = ({ width, height, frames }: RunKey, last: boolean) => {
    if (sized) return `${width}×${height}×${frames}`;
    return last && frames !== null ? words.compare.frames(frames) : String(frames);
  };
  const tell = (key: RunKey) =>
    [
      ...(from.guidance !== to.guidance ? [key.guidance ? guided : unguided] : []),
      ...(from.batch !== to.batch && key.batch !== null ? [batch(key.batch)] : []),
    ].join(words.compare.list);
  return change([clip(from, false), tell(from)], [clip(to, true), tell(to)]);
}

/** Of a key's field, such as its offload. A file may say anything there, also what every object has: 'constructor'. */
export function valueText(value: string, { comparison: { values } }: Words): string {
  return (Object.hasOwn(values, value) && values[value]) || nameText(value);
}

/** All that is known of what a run did and how. */
export function keyText(key: RunKey, words: Words): string {
  const { compare, comparison } = words;
  const { steps, guided, unguided, batch, gpus } = compare.table.key;
  const value = (text: string | null) => (text === null ? [] : [valueText(text, words)]);
  return [
    clipText(key, words),
    ...(key.steps === null ? [] : [steps(key.steps)]),
    ...(key.guidance === null ? [] : [key.guidance ? guided : unguided]),
    ...(key.batch === null || key.batch === 1 ? [] : [batch(key.batch)]),
    ...(key.gpus === null || key.gpus === 1 ? [] : [gpus(key.gpus)]),
    ...value(key.activations),
    ...(key.weights === key.activations ? [] : value(key.weights)),
    ...value(key.attention),
    ...(key.offload === null ? [] : [`${comparison.fields.offload}: ${value(key.offload)[0]}`]),
  ].join(' · ');
}

/** How a row's figures came to the axis's work; '' where they stand as they ran. */
export function placeText({ basis, factor, from, to, run }: PlacedRun, words: Words): string {
  const { basis: say } = words.compare;
  if (basis === 'run') return '';
  if (basis === 'none') return say.none;
  if (basis === 'scaled') return say.scaled(figures(factor!), workChange(from, to, words));
  return say.projected(workChange(run.key, to, words));
}

/** On what a ratio of a step or of a total rests. `factor` is that row's. */
export function footingText({ basis, keys, own }: Comparison, factor: number | null, words: Words): string {
  const { basis: say } = words.compare;
  if (basis === 'none') return say.none;
  if (basis === 'scaled') return say.ownScaled(figures(factor ?? 1), workChange(keys.own, keys.other, words));
  return basis === 'run' ? say.run : say.ownProjected(workChange(own.key, keys.other, words));
}
