/**
 * The tokenizer in a GGUF file's metadata, `tokenizer.ggml.*`: a SentencePiece model that llama.cpp's
 * `convert_hf_to_gguf.py` took apart. It pads the pieces with unused ones to the rows of the embedding.
 */
import { AppError } from '../core/errors';
import { type MetadataList, type MetadataValue, metadataExcerpt } from '../weights/tensor_file';
import { readCharsmap } from './charsmap';
import { convertSentencePieces, MAX_PIECES, PIECE, type Vocabulary } from './vocabulary';

/** Throws file-invalid with the file's `name` and the reason. */
export function readGgufTokenizer(metadata: Readonly<Record<string, MetadataValue>>, name: string): Vocabulary {
  const of = (key: string) => metadata[`tokenizer.ggml.${key}`];
  const refuse = (what: string) => new AppError('file-invalid', `${name}: not a usable tokenizer: ${what}.`);
  if (of('model') !== 't5')
    throw refuse(`its tokenizer.ggml.model is ${metadataExcerpt(of('model'))}, the text encoder takes t5`);

  const tokens = list('tokens', isText);
  const scores = list('scores', isNumber);
  const types = list('token_type', isType);
  const charsmap = of('precompiled_charsmap') === undefined ? [] : list('precompiled_charsmap', isByte);
  let count = tokens.length;
  while (count > 0 && types[count - 1] === PIECE.unused) count--;
  return convertSentencePieces(
    {
      pieces: tokens.slice(0, count),
      scores: scores.slice(0, count),
      types: types.slice(0, count),
      charsmap: charsmap.length > 0 ? readCharsmap(Uint8Array.from(charsmap), name) : null,
      addPrefixSpace: of('add_space_prefix') !== false,
      removeExtraSpaces: of('remove_extra_whitespaces') !== false,
    },
    name,
  );

  function list<T extends MetadataValue>(key: string, isItem: (value: MetadataValue) => value is T): readonly T[] {
    const found = of(key);
    if (!isList(found)) throw refuse(`tokenizer.ggml.${key} is ${found === undefined ? 'missing' : 'not a list'}`);
    if (found.length > MAX_PIECES)
      throw refuse(`tokenizer.ggml.${key} has ${found.length} items, at most ${MAX_PIECES} are read`);
    const values = found.values();
    if (values.every(isItem)) return values;
    const wrong = values.findIndex((value) => !isItem(value));
    throw refuse(`item ${wrong} of tokenizer.ggml.${key} is ${metadataExcerpt(values[wrong])}`);
  }
}

const isList = (value: MetadataValue | undefined): value is MetadataList => typeof value === 'object';
const isText = (value: MetadataValue): value is string => typeof value === 'string';
const isNumber = (value: MetadataValue): value is number => typeof value === 'number';
const isType = (value: MetadataValue): value is number => isNumber(value) && value >= 1 && value <= 6;
/** Some files have them as signed. */
const isByte = (value: MetadataValue): value is number => isNumber(value) && value >= -128 && value <= 255;
