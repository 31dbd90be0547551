/**
 * The tokenizer that belongs to a text encoder's weights: in a file beside them, in a tensor, or in the metadata.
 *
 * The first of these that is there: `tokenizer.json`, which is what Wan itself uses; `spiece.model` or `tokenizer.model`;
 * the tensor `spiece_model` of ComfyUI's files; the metadata of a GGUF file. In the fast mode all of one vocabulary give
 * the same ids. One that is there but damaged is an error, not a reason to take the next.
 */
import { AppError } from '../core/errors';
import type { ByteSource } from '../weights/byte_source';
import type { Checkpoint } from '../weights/checkpoint';
import { isTokenizerTensor, TOKENIZER_LIST } from '../weights/inspection';
import { readGgufTokenizer } from './gguf_tokenizer';
import { makeTokenizer, openTokenizer, type Tokenizer } from './tokenizer';
import { MAX_TOKENIZER_BYTES } from './vocabulary';

/** Files beside weights that hold a tokenizer, the preferred first. */
export const TOKENIZER_FILES: readonly string[] = ['tokenizer.json', 'spiece.model', 'tokenizer.model'];

/**
 * `sidecars`: files beside the weights, whichever; those that are no tokenizers are not read. Throws weights-missing
 * where there is none, file-invalid for one that cannot be used.
 */
export async function findTokenizer(
  checkpoint: Pick<Checkpoint, 'label' | 'unmapped' | 'files'>,
  sidecars: readonly ByteSource[],
  signal?: AbortSignal,
): Promise<Tokenizer> {
  for (const wanted of TOKENIZER_FILES) {
    const file = sidecars.find(({ name }) => baseName(name) === wanted);
    if (file) return readTokenizer(file, signal);
  }
  const tensor = checkpoint.unmapped.find(isTokenizerTensor);
  if (tensor)
    return read(
      tensor.source,
      [tensor.beginByte, tensor.endByte],
      `${tensor.source.name}, tensor ${tensor.name}`,
      signal,
    );
  const gguf = checkpoint.files.find(({ metadata }) => metadata[TOKENIZER_LIST] !== undefined);
  if (gguf) return makeTokenizer(readGgufTokenizer(gguf.metadata, gguf.source.name));
  throw new AppError(
    'weights-missing',
    `There is no tokenizer for ${checkpoint.label}: neither ${TOKENIZER_FILES.join(' nor ')} beside it, nor a tensor spiece_model or GGUF metadata ${TOKENIZER_LIST} in it. Put spiece.model or tokenizer.json of google/umt5-xxl beside it.`,
  );
}

/** A file that is known to be one, whatever it is called. Throws file-invalid. */
export const readTokenizer = (file: ByteSource, signal?: AbortSignal): Promise<Tokenizer> =>
  read(file, [0, file.bytes], file.name, signal);

async function read(
  source: ByteSource,
  [begin, end]: readonly [number, number],
  name: string,
  signal?: AbortSignal,
): Promise<Tokenizer> {
  if (end - begin > MAX_TOKENIZER_BYTES)
    throw new AppError(
      'file-invalid',
      `${name}: not a usable tokenizer: it has ${end - begin} bytes, at most ${MAX_TOKENIZER_BYTES} are read.`,
    );
  return openTokenizer(await source.read(begin, end, signal), name);
}

/** Names are paths or addresses. */
const baseName = (name: string) =>
  name
    .replace(/[?#].*$/, '')
    .split(/[/\\]/)
    .at(-1);
