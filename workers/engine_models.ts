/** The model that makes videos: the one that is open, with its files, until another is asked for. */
import { type OpenedModel, openVideoModel } from '../src/generate/model';
import type { ByteSource } from '../src/weights/byte_source';
import { joinFiles, openTensorFile } from '../src/weights/checkpoint';
import type { SourceClient } from './byte_port';
import type { VideoModelChoice } from './engine_api';
import { type Borrowed, type Closable, lastOpened } from './last_opened';
import { openSources } from './open_sources';
import { fetchOwn, fetchOwnJson } from './own_files';

const models = lastOpened<OpenedModel>();
const keyOf = (choice: VideoModelChoice) => JSON.stringify(choice);

/** Its files stay open until it is given back, also where another model is asked for meanwhile. `value` throws what opening throws. */
export function borrowModel(loader: SourceClient | null, choice: VideoModelChoice): Borrowed<OpenedModel> {
  return models.borrow(keyOf(choice), (opened) =>
    choice.kind === 'demo' ? openDemo() : openFiles(loader, choice, opened),
  );
}

/** For what reads no weights. */
export async function videoModel(loader: SourceClient | null, choice: VideoModelChoice): Promise<OpenedModel> {
  const { value, giveBack } = borrowModel(loader, choice);
  return value.finally(giveBack);
}

/** What is open over the loader, once no run reads it; the app's own files need none. */
export function closeModel(): void {
  models.letGo(keyOf({ kind: 'demo' }));
}

async function openDemo(): Promise<OpenedModel> {
  const value = await fetchOwnJson('demo/model.json');
  const { text_encoder, transformer, vae } = value as Record<string, { file: string; tokenizer?: string }>;
  const names = [text_encoder, transformer, vae].map((network) => network!.file);
  const [tokenizer, ...files] = await Promise.all(
    [text_encoder!.tokenizer!, ...names].map((name) => fetchOwn(`demo/${name}`)),
  );
  const checkpoint = joinFiles(await Promise.all(files.map((file) => openTensorFile(file))));
  return openVideoModel(checkpoint, {
    description: { value, name: 'model.json' },
    sidecars: [tokenizer!],
    label: 'demo',
  });
}

/** Weights are files of tensors; what is none may be a tokenizer. The one that was chosen may have any name. */
async function openFiles(
  loader: SourceClient | null,
  { keys, tokenizer }: VideoModelChoice & { kind: 'files' },
  opened: Closable[],
): Promise<OpenedModel> {
  const [chosen] = tokenizer ? await openSources(loader, [tokenizer], opened) : [];
  const sources = await openSources(loader, keys, opened);
  const isTokenizer = ({ name }: ByteSource) => /(tokenizer\.json|\.model)$/i.test(name);
  const weights = sources.filter((source) => !isTokenizer(source));
  const files = await Promise.all(weights.map((source) => openTensorFile(source)));
  return openVideoModel(joinFiles(files), {
    tokenizer: chosen,
    sidecars: sources.filter(isTokenizer),
    label: weights.map(({ name }) => name.slice(name.lastIndexOf('/') + 1)).join(' + '),
  });
}
