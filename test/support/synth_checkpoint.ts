/** The synthetic weights of a network as a checkpoint in memory, whose reads are counted. */
import type { Ask } from '../../src/gpu/weight_tree';
import { plantTree } from '../../src/gpu/weight_tree';
import type { ByteSource } from '../../src/weights/byte_source';
import { type Checkpoint, joinFiles, openSafetensors } from '../../src/weights/checkpoint';
import { bf16Bits } from './evaluate';
import { type FileTensor, safetensorsSource } from './safetensors_file';
import { synth } from './synth';

export interface CountedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** How often each byte of a tensor was read, at most and at least, since the last `reset`. */
  readsOf(name: string): { readonly least: number; readonly most: number };
  reset(): void;
}

/** bf16, by original names. */
export async function synthCheckpoint(build: (ask: Ask) => unknown, headDim?: number): Promise<CountedCheckpoint> {
  const { tensors } = plantTree(build, { typeOf: () => 'bf16' });
  const file = safetensorsSource(
    'synthetic.safetensors',
    Object.fromEntries(
      [...tensors].map(([name, { shape }]): [string, FileTensor] => [
        name,
        { dtype: 'BF16', shape, data: bf16Bits(synth(name, shape, headDim)) },
      ]),
    ),
  );
  const counts = new Uint8Array(file.bytes);
  const counted: ByteSource = {
    ...file,
    read: (begin, end, signal) => {
      for (let at = begin; at < end; at++) counts[at]! += 1;
      return file.read(begin, end, signal);
    },
  };
  const checkpoint = joinFiles([await openSafetensors(counted)]);
  counts.fill(0);
  return {
    checkpoint,
    readsOf(name) {
      const { beginByte, endByte } = checkpoint.tensors.get(name)!;
      const read = counts.subarray(beginByte, endByte);
      return { least: Math.min(...read), most: Math.max(...read) };
    },
    reset: () => void counts.fill(0),
  };
}
