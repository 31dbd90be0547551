/**
 * Weights for products of 8-bit numbers: those of the blocks' linear layers become q8_0 on the GPU as they are loaded,
 * from whatever type they are stored in; what is in q8_0 already, and all else, goes as it is.
 *
 * A few rows at a time are brought as stored into memory of their own, rounded, and their memory given back. Where
 * weights pass through in every step that is done in every step, so a file in q8_0 streams with half the bytes.
 */
import type { Products } from '../core/products';
import { bindTogether, type GpuContext } from '../gpu/context';
import { record } from '../gpu/program';
import { ELEMENT_BYTES, externalTensor, rowsOf, type Tensor, tensorBytes } from '../gpu/tensor';
import { PIECE_BYTES } from '../gpu/upload';
import type { Storing, WeightSpec, WeightTile } from '../gpu/weight_tree';
import { BLOCK } from '../kernels/quantise';
import { quantiseWeights } from '../kernels/quantise_weights';
import type { FillOptions, Piece, WeightSource } from './weight_source';

/** Ranges of rows on their way at once. */
const IN_FLIGHT = 4;
/** GPU memory that they take at most, where rows are no longer than any published model's. */
export const STAGING_BYTES = IN_FLIGHT * PIECE_BYTES;

/** A linear layer of a block: the first and last layers are small, and what they round every block would see. */
const isRounded = ({ name, shape }: WeightSpec): boolean =>
  /^blocks\.\d+\..*\.weight$/.test(name) && shape.length === 2 && shape[1]! % BLOCK === 0;

/** How the source's weights stand in GPU memory with these products. */
export const storedFor = (storing: Storing, products: Products | undefined): Storing =>
  products === 'int8' ? { ...storing, typeOf: (spec) => (isRounded(spec) ? 'q8_0' : storing.typeOf(spec)) } : storing;

/** The source whose weights are stored so. */
export function sourceFor(context: GpuContext, source: WeightSource, products: Products | undefined): WeightSource {
  return products === 'int8' ? int8Source(context, source) : source;
}

function int8Source(context: GpuContext, source: WeightSource): WeightSource {
  const { memory } = context;
  const becomesInt8 = (spec: WeightSpec) => isRounded(spec) && source.typeOf(spec) !== 'q8_0';
  const inTurn = turns(IN_FLIGHT);

  /** `bring` fills a tensor of the stored type; its rows then go into `target`. */
  async function round(
    spec: WeightSpec,
    target: Tensor,
    bring: (stored: Tensor) => Promise<void>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const stored = externalTensor(`${spec.name} as stored`, target.shape, source.typeOf(spec));
    await memory.allocate([stored]);
    try {
      await bring(stored);
      await submitRounding(context, stored, target, signal);
    } finally {
      memory.free([stored]);
    }
  }

  return {
    ...source,
    label: `${source.label}, linear layers as q8_0`,
    ...storedFor(source, 'int8'),

    async fill(tensors, options: FillOptions = {}) {
      const specs = [...tensors].map(([name, tensor]) => ({ name, tensor, shape: tensor.shape }));
      const rounded = specs.filter((spec) => spec.tensor.type === 'q8_0' && becomesInt8(spec));
      const names = new Set(rounded.map(({ name }) => name));
      await source.fill(new Map([...tensors].filter(([name]) => !names.has(name))), options);
      for (const { name, shape, tensor } of rounded)
        await round(
          { name, shape },
          tensor,
          (stored) => source.fill(new Map([[name, stored]]), options),
          options.signal,
        );
    },

    pieces(tile) {
      if (!becomesInt8(tile)) return source.pieces(tile);
      return rowRanges(tile, ELEMENT_BYTES[source.typeOf(tile)]).map(({ start, count }): Piece => {
        const target = rowsOf(tile.tensor, start, count);
        return {
          bytes: tensorBytes({ shape: target.shape, type: source.typeOf(tile) }),
          bring: (signal, busy) =>
            inTurn(() => {
              const part = (tensor: Tensor): WeightTile => ({
                ...tile,
                start: tile.start + start,
                rows: count,
                tensor,
              });
              const bringAll = async (stored: Tensor) => {
                for (const piece of source.pieces(part(stored))) await piece.bring(signal, busy);
              };
              return round(tile, target, bringAll, signal);
            }),
        };
      });
    },
  };
}

/** In the queue when it resolves, like every piece; the runner's passes are those of the network alone. */
async function submitRounding(
  context: GpuContext,
  stored: Tensor,
  target: Tensor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { device } = context.memory;
  const { program } = record('weights in 8 bits', { activation: 'f32' }, (r) =>
    quantiseWeights(r, stored, target, stored.storage.label),
  );
  const bound = await bindTogether(context, [program], signal);
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  for (const command of bound.programs[0]!.commands) {
    if (command.kind === 'copy') continue; // there is none
    pass.setPipeline(command.pipeline);
    pass.setBindGroup(0, command.bindGroup);
    pass.dispatchWorkgroups(command.groups);
  }
  pass.end();
  device.queue.submit([encoder.finish()]);
  bound.destroy();
}

/** As many rows as one piece of what is stored has, of which the rounded ones begin where a binding may. */
function rowRanges({ rows, shape }: WeightTile, elementBytes: number): { start: number; count: number }[] {
  const depth = shape[1]!;
  let step = 64;
  while ((step * depth * ELEMENT_BYTES.q8_0) % 256 !== 0) step *= 2;
  const most = Math.max(step, Math.floor(PIECE_BYTES / (depth * elementBytes) / step) * step);
  const ranges: { start: number; count: number }[] = [];
  for (let start = 0; start < rows; start += most) ranges.push({ start, count: Math.min(most, rows - start) });
  return ranges;
}

/** So many at a time; the others wait for their turn. */
function turns(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
