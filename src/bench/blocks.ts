/**
 * One whole block of the transformer with the tokens of a clip, both guidance
 * branches and all heads: a thirtieth of a guided step, of which the
 * thirty are alike. The nearest to the reference clip that minutes allow.
 */
import { expectFinite } from '../core/deviation';
import { AppError } from '../core/errors';
import type { Figure } from '../core/result';
import { bindTogether, type GpuContext } from '../gpu/context';
import type { RecorderOptions } from '../gpu/program';
import { rowsOf } from '../gpu/tensor';
import { readNumbers } from '../gpu/transfer';
import { sourceFor } from '../pipeline/int8_source';
import type { WeightSource } from '../pipeline/weight_source';
import { figureOf } from './figures';
import { PRESETS, type Preset, REFERENCES, SMALL_PRESETS } from './presets';
import type { RunLog } from './run_log';
import { recordBlock } from './work';

export interface BlockTime {
  readonly clip: Preset;
  readonly figure: Figure;
}

export interface BlockPlan {
  readonly clip: Preset;
  readonly seconds: number;
  readonly repeats: number;
}

/** For all runs of one block, the first with them. */
export const BLOCK_SECONDS = 90;
const REPEATS = 5;

/**
 * The reference's blocks that fit into the time, each with its repeats; where neither does, the largest block that
 * does, or the smallest. `secondsOfBlock`: as foretold, null where this GPU cannot bind it.
 */
export function planBlocks(secondsOfBlock: (clip: Preset) => number | null): BlockPlan[] {
  const plan = (clip: Preset): BlockPlan[] => {
    const seconds = secondsOfBlock(clip);
    const repeats = Math.min(REPEATS, Math.floor(BLOCK_SECONDS / (seconds ?? Number.POSITIVE_INFINITY)) - 1);
    return seconds !== null && repeats >= 1 ? [{ clip, seconds, repeats }] : [];
  };
  const references = REFERENCES.flatMap(plan);
  if (references.length > 0) return references;
  const largest = [...SMALL_PRESETS, ...PRESETS].findLast((clip) => plan(clip).length > 0);
  const clip = largest ?? SMALL_PRESETS[0]!;
  return largest ? plan(clip) : [{ clip, seconds: secondsOfBlock(clip) ?? 0, repeats: 1 }];
}

/** Null where the GPU has not the memory. Throws AppError not-finite, cancelled, device-lost. */
export async function measureBlock(
  context: GpuContext,
  stored: WeightSource,
  settings: RecorderOptions,
  { clip, repeats }: Pick<BlockPlan, 'clip' | 'repeats'>,
  log: RunLog,
  signal?: AbortSignal,
): Promise<BlockTime | null> {
  const { memory, runner } = context;
  const source = sourceFor(context, stored, settings.products);
  const { program, weights, x, inputs } = recordBlock(clip, settings, source);
  const own = [...weights.values(), ...inputs];
  try {
    await memory.allocate(own);
    const bound = await bindTogether(context, [program], signal);
    try {
      await source.fill(weights, { signal });
      for (const tensor of inputs) await source.fill(new Map([[tensor.storage.label, tensor]]), { signal });
      const samples: number[] = [];
      for (let i = 0; i <= repeats; i++) {
        const end = log.begin('denoise', 'block');
        samples.push((await runner.run(bound.programs, { signal })).wallSeconds);
        end();
      }
      expectFinite('The block’s first rows', await readNumbers(memory, rowsOf(x, 0, Math.min(8, x.shape[0]!)), signal));
      return { clip, figure: figureOf(samples.slice(1), samples.slice(0, 1)) };
    } finally {
      bound.destroy();
    }
  } catch (failure) {
    const tooLarge = failure instanceof AppError && ['out-of-memory', 'limit-too-low'].includes(failure.code);
    if (tooLarge && clip.id !== SMALL_PRESETS[0]!.id) return null;
    throw failure;
  } finally {
    memory.free(own);
  }
}
