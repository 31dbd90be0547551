/** What a server of the Videos API says that it serves. */
import * as v from 'valibot';
import { checked } from '../core/checked';
import { isWan22Name } from '../core/wan22_name';
import { shownName } from './answer_parts';
import { askJson, type Line } from './exchange';

/** Of a list, those that are read: a server of videos has one or two. */
const MOST_MODELS = 100;

const models = v.looseObject({
  data: v.pipe(
    v.array(v.unknown()),
    v.transform((all) => all.slice(0, MOST_MODELS)),
    v.array(v.looseObject({ id: shownName, owned_by: v.nullish(shownName), root: v.nullish(shownName) })),
  ),
});

export type ServedModels = v.InferOutput<typeof models>['data'];

export const askModels = (line: Line): Promise<unknown> =>
  askJson(line, { path: '/v1/models', what: 'The list of models' });

/** Null for what is no such list. */
export function servedModels(answer: unknown): ServedModels | null {
  const read = checked(models, answer);
  return read.success ? read.output.data : null;
}

/** Its owner may call it what he likes, and `root` is where it came from; Wan2.2 under either is known. */
export function modelName([first]: ServedModels): string | null {
  if (!first) return null;
  return [first.root, first.id].find(isWan22Name) ?? first.id;
}
