/**
 * The weights of a stack of equal blocks, in as much memory as `Residency` says.
 *
 * Block i uses the memory of set i % sets. Tensors are named after block 0 of
 * their set; `fill` translates to the names of the block wanted.
 */
import type { GpuContext } from '../gpu/context';
import type { Tensor } from '../gpu/tensor';
import { type Ask, plantTree } from '../gpu/weight_tree';
import type { ComputeOptions } from './options';
import type { WeightSource } from './weight_source';

export interface BlockWeights<Tree> {
  treeOf(block: number): Tree;
  /** Make block's weights present; with `wanted`, only those tensors. Does nothing for blocks already there. */
  fill(block: number, wanted?: (name: string) => boolean): Promise<void>;
  destroy(): void;
}

export async function allocateBlocks<Tree>(
  { memory }: GpuContext,
  source: WeightSource,
  blocks: number,
  { residency, signal }: Pick<ComputeOptions, 'residency' | 'signal'>,
  build: (ask: Ask, block: number) => Tree,
): Promise<BlockWeights<Tree>> {
  const count = residency === 'resident' ? blocks : Math.min(2, blocks);
  const sets = Array.from({ length: count }, () => plantTree((ask) => build(ask, 0), source.typeOf));
  await memory.allocate(sets.flatMap(({ tensors }) => [...tensors.values()]));
  const filled = new Set<string>();

  return {
    treeOf: (block) => sets[block % count]!.tree,
    async fill(block, wanted = () => true) {
      const set = block % count;
      const names = [...sets[set]!.tensors].map(
        ([name, tensor]) => [name, name.replace(/^blocks\.0\./, `blocks.${block}.`), tensor] as const,
      );
      const missing = names.filter(
        ([name]) => wanted(name) && !(residency !== 'refill' && filled.has(`${set} ${name}`)),
      );
      if (missing.length === 0) return;
      await source.fill(new Map(missing.map(([, name, tensor]): [string, Tensor] => [name, tensor])), { signal });
      for (const [name] of missing) filled.add(`${set} ${name}`);
    },
    destroy: () => memory.free(sets.flatMap(({ tensors }) => [...tensors.values()])),
  };
}
