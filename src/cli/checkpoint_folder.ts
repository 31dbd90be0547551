/** The weights that a path on disk means: one file, or all of a folder. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../core/errors';
import { GOLDEN_FORMAT } from '../pipeline/golden';
import { type Checkpoint, joinFiles, openTensorFile } from '../weights/checkpoint';
import { openFile } from './file_source';

/** Golden files may lie beside the weights they belong to; they are not weights. */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const paths = await safetensorsAt(path);
  const files = await Promise.all(paths.map(async (file) => openTensorFile(await openFile(file))));
  const weights = files.filter(({ metadata }) => metadata.format !== GOLDEN_FORMAT);
  if (weights.length === 0)
    throw new AppError('weights-missing', `${path} holds no weights: no *.safetensors but golden files.`);
  return joinFiles(weights);
}

async function safetensorsAt(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause) => {
    throw new AppError('weights-missing', `${path} cannot be opened (${cause.code}).`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith('.safetensors')).sort();
  return names.map((name) => join(path, name));
}
