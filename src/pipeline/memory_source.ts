/**
 * Weights of the real sizes and types out of this process's memory, so that
 * streaming is measured without a disk or a network: what is brought to the GPU
 * has the bytes, the layout and about the values of a checkpoint, but the same
 * few megabytes serve for all tensors of one magnitude.
 */
import type { GpuContext } from '../gpu/context';
import { ELEMENT_BYTES, elements, type Tensor } from '../gpu/tensor';
import { writeBytes, writeNumbers } from '../gpu/transfer';
import { PIECE_BYTES } from '../gpu/upload';
import { synthRule, synthValues } from '../weights/synth_rule';
import { WEIGHT_FORMATS } from '../weights/weight_types';
import { type SynthType, synthBytes } from './synth_bytes';
import { synthRows } from './synth_source';
import type { Piece, WeightSource } from './weight_source';

/** More than a CPU's caches nearest to a core hold, as a file's bytes would be. */
const PATTERN_BYTES = 16 * 2 ** 20;

export function memorySource({ memory, uploader }: GpuContext, type: SynthType, headDim: number): WeightSource {
  const patterns = new Map<string, Uint8Array<ArrayBuffer>>();
  const unit = WEIGHT_FORMATS[type].bytes * 4;
  const patternBytes = Math.floor(PATTERN_BYTES / unit) * unit;
  const pieceBytes = Math.floor(PIECE_BYTES / unit) * unit;

  function patternOf(name: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
    const rule = synthRule(name, shape, headDim);
    const key = `${rule.kind} ${rule.exponent}`;
    const known = patterns.get(key) ?? synthBytes(rule, type)(0, patternBytes);
    patterns.set(key, known);
    return known;
  }

  return {
    label: `synthetic ${type} from memory`,
    typeOf: () => type,

    async fill(tensors, { onBytes } = {}) {
      for (const [name, tensor] of tensors) {
        const count = elements(tensor.shape);
        if (tensor.type === 'f32')
          writeNumbers(memory, tensor, synthValues(synthRule(name, tensor.shape, headDim), 0, count));
        else
          for (const { start, end } of cuts(tensor))
            writeBytes(memory, tensor, part(patternOf(name, tensor.shape), start, end), start);
        onBytes?.(count * ELEMENT_BYTES[tensor.type]);
      }
    },

    pieces: ({ name, shape, tensor }) =>
      cuts(tensor).map(
        ({ start, end }): Piece => ({
          bytes: end - start,
          bring: (_, busy) => {
            const bytes = part(patternOf(name, shape), start, end);
            return uploader.put(tensor, start, end - start, { read: () => bytes }, busy);
          },
        }),
      ),

    rows: synthRows(memory, headDim),
  };

  function cuts(tensor: Tensor): { start: number; end: number }[] {
    const total = elements(tensor.shape) * ELEMENT_BYTES[tensor.type];
    return Array.from({ length: Math.ceil(total / pieceBytes) }, (_, i) => ({
      start: i * pieceBytes,
      end: Math.min(total, (i + 1) * pieceBytes),
    }));
  }

  /** Bytes [start, end) of a tensor, out of a pattern that repeats. */
  function part(pattern: Uint8Array<ArrayBuffer>, start: number, end: number): Uint8Array<ArrayBuffer> {
    const from = start % (patternBytes - (patternBytes % pieceBytes));
    return pattern.subarray(from, from + end - start);
  }
}
