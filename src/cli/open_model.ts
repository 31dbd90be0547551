/** The model that one or more words on the command line mean: networks, tokenizer and description, wherever each is. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from '../core/errors';
import { type OpenedModel, openVideoModel } from '../generate/model';
import { withoutSecrets } from '../weights/address';
import type { ByteSource } from '../weights/byte_source';
import { type Checkpoint, joinFiles } from '../weights/checkpoint';
import { openPlace, type Place } from '../weights/checkpoint_folder';
import { isWeights, openAt } from './open_checkpoint';

/** Ships with the program: two folders up from the built file, as from this one. */
const DEMO = join(dirname(fileURLToPath(import.meta.url)), '../../public/demo');

const DESCRIPTION = /(^|\/)model\.json$/;
const TOKENIZERS = [/(^|\/)tokenizer\.json$/, /(^|\/)spiece\.model$/, /(^|\/)tokenizer\.model$/];
/** A description takes a few kilobytes; what is larger is something else. */
const MAX_DESCRIPTION_BYTES = 2 ** 20;

interface Found {
  readonly checkpoint: Checkpoint | null;
  readonly descriptions: readonly ByteSource[];
  readonly tokenizers: readonly ByteSource[];
}

/**
 * `locations`: as `openCheckpoint` takes them, or 'demo'; a tokenizer or a model.json may also be given by itself.
 * Throws as `openCheckpoint` and `openVideoModel` do.
 */
export async function openModel(locations: readonly string[], signal?: AbortSignal): Promise<OpenedModel> {
  const found: Found[] = [];
  for (const location of locations)
    found.push(await openAt(location === 'demo' ? DEMO : location, (place) => openFound(place, signal), signal));
  const [description] = found.flatMap(({ descriptions }) => descriptions);
  const files = found.flatMap(({ checkpoint }) => checkpoint?.files ?? []);
  return openVideoModel(joinFiles(files), {
    description: description && { value: await readJson(description), name: description.name },
    sidecars: found.flatMap(({ tokenizers }) => tokenizers),
    label: locations.map(withoutSecrets).join(', '),
    signal,
  });
}

async function openFound(place: Place, signal: AbortSignal | undefined): Promise<Found> {
  const { folder, path } = place;
  const isOther = [DESCRIPTION, ...TOKENIZERS].some((pattern) => pattern.test(path));
  const paths = isOther ? [path] : folder.paths;
  // The first of each name: others are not looked at, and a list may have thousands.
  const opened = async (pattern: RegExp) => {
    const first = paths.find((each) => pattern.test(each));
    return first === undefined ? [] : [await folder.open(first, signal)];
  };
  const descriptions = await opened(DESCRIPTION);
  const tokenizers = (await Promise.all(TOKENIZERS.map(opened))).flat();
  const others = descriptions.length + tokenizers.length > 0;
  const checkpoint = isOther
    ? null
    : await openPlace(place, { isWeights, signal }).catch((failure) => {
        // A tokenizer may have a folder of its own.
        if (others && path === '' && failure instanceof AppError && failure.code === 'weights-missing') return null;
        throw failure;
      });
  return { checkpoint, descriptions, tokenizers };
}

/** The value of a `model.json`. Throws AppError file-invalid for one that is longer than any, or no JSON. */
export async function readJson(source: ByteSource): Promise<unknown> {
  const invalid = (what: string, cause?: unknown) =>
    new AppError('file-invalid', `${source.name} is no description of a model: ${what}.`, { cause });
  if (source.bytes > MAX_DESCRIPTION_BYTES)
    throw invalid(`it has ${source.bytes} bytes, at most ${MAX_DESCRIPTION_BYTES} are read`);
  try {
    return JSON.parse(new TextDecoder().decode(await source.read(0, source.bytes)));
  } catch (cause) {
    throw invalid(`its ${source.bytes} bytes are not JSON`, cause);
  }
}
