/**
 * Weights with LoRAs beside them, whatever type the weights are stored in and wherever they are kept.
 *
 * A layer's LoRAs are one adapter, which is kept or streamed like the weight itself; their strengths are factors
 * apart from its numbers. What a LoRA adds to small tensors is added when these are filled.
 */
import { AppError } from '../core/errors';
import type { DitConfig } from '../dit/config';
import type { GpuContext } from '../gpu/context';
import { ELEMENT_BYTES, type Tensor } from '../gpu/tensor';
import { readNumbers, writeNumbers } from '../gpu/transfer';
import { PIECE_BYTES } from '../gpu/upload';
import { downName, scaleName, upName } from '../gpu/weight_tree';
import { type BlockMatrix, readBlockRows } from '../weights/block_matrix';
import { checkLora, isProduct, type Lora } from '../weights/lora';
import { type LoraAdapter, loraAdapters, loraFactors, readAlpha } from '../weights/lora_adapter';
import { decodeWeights } from '../weights/weight_types';
import { ditTensors } from './expected_tensors';
import { inParallel } from './in_parallel';
import type { Piece, WeightSource } from './weight_source';

export interface LoraUse {
  readonly lora: Lora;
  /** 0 leaves the results as they are, 1 is as trained; any number is allowed. */
  readonly strength: number;
}

/** `config`: of the transformer whose weights `source` has. Throws what `checkLora` throws, and input-invalid for a strength that is no number. */
export function withLoras(
  { memory, uploader }: GpuContext,
  source: WeightSource,
  uses: readonly LoraUse[],
  config: DitConfig,
): WeightSource {
  const loras = uses.map(({ lora }) => lora);
  const expected = ditTensors(config);
  for (const lora of loras) checkLora(lora, expected);
  const strengths = uses.map(({ strength }) => strength);
  const wrong = strengths.find((strength) => !Number.isFinite(strength));
  if (wrong !== undefined) throw new AppError('input-invalid', `A LoRA’s strength is ${wrong}; give a finite number.`);

  const adapters = loraAdapters(loras, expected);
  const matrices = new Map<string, BlockMatrix>();
  const factors = new Map<string, LoraAdapter>();
  for (const [weight, adapter] of adapters) {
    matrices.set(upName(weight), adapter.up);
    matrices.set(downName(weight), adapter.down);
    factors.set(scaleName(downName(weight)), adapter);
  }

  return {
    label: [source.label, ...loras.map(({ label }) => label)].join(' + '),
    typeOf: (spec) => matrices.get(spec.name)?.type ?? source.typeOf(spec),
    isScaled: (spec) =>
      matrices.has(spec.name) ? factors.has(scaleName(spec.name)) : (source.isScaled?.(spec) ?? false),
    adapterRank: ({ name }) => adapters.get(name)?.rank ?? 0,

    async fill(tensors, options = {}) {
      const { signal, onBytes } = options;
      const ofBase = [...tensors].filter(([name]) => !matrices.has(name) && !factors.has(name));
      await source.fill(new Map(ofBase), options);
      const own = [...tensors].flatMap(([name, tensor]) => {
        const matrix = matrices.get(name);
        return matrix ? pieces(matrix, 0, matrix.rows, tensor) : [];
      });
      await inParallel(own, uploader.inFlight, signal, async (piece, stop) => {
        await piece.bring(stop);
        onBytes?.(piece.bytes);
      });
      await inParallel([...tensors], uploader.inFlight, signal, changeByStrengths);
    },

    pieces: (tile) => {
      const matrix = matrices.get(tile.name);
      return matrix ? pieces(matrix, tile.start, tile.rows, tile.tensor) : source.pieces(tile);
    },

    rows: (...asked) => source.rows(...asked),
  };

  /** Rows [first, first + count) of an adapter's matrix, into a tensor of that many. */
  function pieces(matrix: BlockMatrix, first: number, count: number, tensor: Tensor): Piece[] {
    const rowBytes = matrix.columns * ELEMENT_BYTES[matrix.type];
    const step = Math.max(1, Math.floor(PIECE_BYTES / rowBytes));
    return Array.from({ length: Math.ceil(count / step) }, (_, i): Piece => {
      const at = i * step;
      const rows = Math.min(step, count - at);
      const bytes = rows * rowBytes;
      return {
        bytes,
        bring: (signal, busy) =>
          uploader.put(
            tensor,
            at * rowBytes,
            bytes,
            { read: () => readBlockRows(matrix, first + at, rows, signal) },
            busy,
          ),
      };
    });
  }

  /** What depends on the strengths, in a tensor that has just been filled from the base. */
  async function changeByStrengths([name, tensor]: readonly [string, Tensor], signal: AbortSignal): Promise<void> {
    const adapter = factors.get(name);
    if (adapter) {
      const alphas = await Promise.all(adapter.shares.map(({ alpha }) => readAlpha(alpha, signal)));
      return writeNumbers(memory, tensor, loraFactors(adapter, alphas, strengths));
    }
    const changes = loras.flatMap(({ differences }, lora) => {
      const stored = differences.get(name);
      return stored && !isProduct(name, tensor.shape) ? { strength: strengths[lora]!, stored } : [];
    });
    if (changes.length === 0) return;
    const base = await readNumbers(memory, tensor);
    const added = await Promise.all(
      changes.map(async ({ strength, stored: { source, type, beginByte, endByte } }) => ({
        strength,
        values: decodeWeights(type!, await source.read(beginByte, endByte, signal)),
      })),
    );
    const sum = base.map((value, i) => added.reduce((all, { strength, values }) => all + strength * values[i]!, value));
    writeNumbers(memory, tensor, sum);
  }
}
