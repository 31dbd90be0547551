/** Synthetic weights (synth-v1), made on the GPU: the network at its real size without a download. */
import { type GpuContext, runOnce } from '../gpu/context';
import type { Memory } from '../gpu/memory';
import type { Recorder } from '../gpu/program';
import { elements, tensorBytes } from '../gpu/tensor';
import { writeNumbers } from '../gpu/transfer';
import { synth } from '../kernels/synth';
import { synthRule, synthValues } from '../weights/synth_rule';
import { checkRows, type WeightSource } from './weight_source';

export interface SynthOptions {
  readonly type: 'f32' | 'f16' | 'bf16';
  /** Width of a head of the text encoder; needed for its weights only. */
  readonly headDim?: number | undefined;
}

export function synthSource(context: GpuContext, { type, headDim }: SynthOptions): WeightSource {
  // The GPU makes them, so one at a time is as fast as many, and takes no more of the queue than one.
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = (run: () => Promise<unknown>) => {
    const now = before.then(run);
    before = now.catch(() => {}); // told to its own caller
    return now;
  };

  return {
    label: `synth-v1 ${type}`,
    typeOf: () => type,

    // All tensors in one program, so that the GPU never waits for the next.
    async fill(tensors, { signal, onBytes } = {}) {
      await runOnce(
        context,
        'synthetic weights',
        { activation: 'f32' },
        (r) => {
          for (const [name, tensor] of tensors)
            synth(r, tensor, synthRule(name, tensor.shape, headDim), { label: name });
        },
        { signal },
      );
      for (const tensor of tensors.values()) onBytes?.(tensorBytes(tensor));
    },

    pieces: ({ name, shape, start, tensor }) => [
      {
        bytes: tensorBytes(tensor),
        async bring(signal, busy) {
          const first = start * elements(shape.slice(1));
          const rule = synthRule(name, shape, headDim);
          const build = (r: Recorder) => synth(r, tensor, rule, { label: name, start: first });
          await inTurn(async () => {
            busy?.(1);
            try {
              await runOnce(context, 'synthetic weights', { activation: 'f32' }, build, { signal });
            } finally {
              busy?.(-1);
            }
          });
        },
      },
    ],

    rows: synthRows(context.memory, headDim),
  };
}

/** `rows` of a source of synthetic weights: made on the CPU, since they are few. */
export function synthRows(memory: Memory, headDim: number | undefined): WeightSource['rows'] {
  return async (name, shape, ids, target) => {
    checkRows(name, shape, ids, target);
    const rule = synthRule(name, shape, headDim);
    const width = elements(shape.slice(1));
    const values = new Float32Array(ids.length * width);
    ids.forEach((id, row) => values.set(synthValues(rule, id * width, width), row * width));
    writeNumbers(memory, target, values);
  };
}
