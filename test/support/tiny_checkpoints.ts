/** The tiny model in the layouts found in the wild; its weights are synth-v1 of the tiny golden files. */
import { readFileSync } from 'node:fs';
import { type ByteSource, blobSource } from '../../src/weights/byte_source';
import { sparseSource } from './sparse_source';

export const TINY = new URL('../checkpoints/tiny/', import.meta.url);
/** Of the text encoder, whose queries' synthetic weights depend on it. */
export const TINY_HEAD_DIM = 16;

/** A file ending in `.header` is the header of one that is too large to be kept; its data read as zeros. */
export function tinySource(path: string): ByteSource {
  const bytes = readFileSync(new URL(path, TINY));
  if (!path.endsWith('.header')) return blobSource(path, new Blob([bytes]));
  const { __metadata__: _, ...tensors } = JSON.parse(bytes.subarray(8).toString());
  const ends = Object.values<{ data_offsets: [number, number] }>(tensors).map(({ data_offsets: [, end] }) => end);
  return sparseSource(path, bytes, bytes.length + Math.max(...ends));
}
