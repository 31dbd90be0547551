/** The weights behind an address that a person typed or pasted: those of a repository to choose from, or one file. */
import { AppError } from '../core/errors';
import { decoded, HUGGING_FACE, parseAddress } from './address';
import { openTensorFile } from './checkpoint';
import { openHttpSource } from './http_source';
import { listRepository, type WeightChoice, weightFiles } from './hub';

export interface FindOptions {
  /** The hub, or its mirror, that `owner/repo` belongs to. */
  readonly base?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Of a repository, or of a file or folder in it, all that can be weights; of any other address the file
 * there, whose header is opened. Throws input-invalid for what is no address, weights-missing where there
 * are no weights, and what `listRepository`, `openHttpSource` and `openTensorFile` throw.
 */
export async function findWeights(
  text: string,
  { base = HUGGING_FACE, signal }: FindOptions = {},
): Promise<WeightChoice[]> {
  const address = parseAddress(text, base);
  if (address.kind === 'file') return [await fileAt(address.url, signal)];
  const { files } = await listRepository({ ...address, signal });
  const { path } = address;
  const isInside = (name: string) => path === '' || name === path || name.startsWith(`${path.replace(/\/$/, '')}/`);
  const choices = weightFiles(files).filter((choice) => choice.files.some((file) => isInside(file.path)));
  if (choices.length === 0)
    throw new AppError(
      'weights-missing',
      `${address.repo} has ${files.length} files, and none${path && ` at ${path}`} that holds weights (*.safetensors, *.gguf, *.pth). Give another repository or folder.`,
    );
  return choices;
}

async function fileAt(url: string, signal: AbortSignal | undefined): Promise<WeightChoice> {
  const source = await openHttpSource(url, { signal });
  const { format } = await openTensorFile(source, signal);
  const name = decoded(new URL(url).pathname.split('/').at(-1)!) || url;
  return { name, format, files: [{ path: name, bytes: source.bytes, url }], bytes: source.bytes, missing: 0 };
}
