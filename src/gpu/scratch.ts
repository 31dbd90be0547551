/**
 * Which scratch storages may share one GPU buffer.
 *
 * WebGPU forbids binding one buffer both read-only and writable in a dispatch,
 * so scratch memory is a set of whole buffers handed from one tensor to the
 * next when its last reader is done, not one arena with offsets.
 */
import type { Program } from './program';
import type { Storage } from './tensor';

export interface ScratchPlan {
  /** Slot of each scratch storage. */
  readonly slotOf: ReadonlyMap<Storage, number>;
  readonly slotBytes: readonly number[];
}

/** Greedy over the commands in order; best fit among the free slots, else the largest one grows. */
export function planScratch(program: Program): ScratchPlan {
  const lastUse = new Map<Storage, number>();
  const uses = program.commands.map((command) => {
    const tensors = command.kind === 'dispatch' ? Object.values(command.bindings) : [command.source, command.target];
    return [...new Set(tensors.map((tensor) => tensor.storage).filter((storage) => storage.scratch))];
  });
  uses.forEach((storages, at) => storages.forEach((storage) => lastUse.set(storage, at)));

  const slotOf = new Map<Storage, number>();
  const slotBytes: number[] = [];
  let free: number[] = [];
  uses.forEach((storages, at) => {
    for (const storage of storages) {
      if (slotOf.has(storage)) continue;
      free.sort((a, b) => slotBytes[a]! - slotBytes[b]!);
      const slot =
        free.find((candidate) => slotBytes[candidate]! >= storage.bytes) ?? free.at(-1) ?? slotBytes.push(0) - 1;
      free = free.filter((other) => other !== slot);
      slotBytes[slot] = Math.max(slotBytes[slot]!, storage.bytes);
      slotOf.set(storage, slot);
    }
    for (const storage of storages) if (lastUse.get(storage) === at) free.push(slotOf.get(storage)!);
  });
  return largestFirst(slotOf, slotBytes);
}

/** Number the slots by size, so that the large slots of different programs meet in one buffer. */
function largestFirst(slotOf: ReadonlyMap<Storage, number>, slotBytes: readonly number[]): ScratchPlan {
  const order = slotBytes.map((_, slot) => slot).sort((a, b) => slotBytes[b]! - slotBytes[a]!);
  const rank = new Map(order.map((slot, index) => [slot, index]));
  return {
    slotOf: new Map([...slotOf].map(([storage, slot]) => [storage, rank.get(slot)!])),
    slotBytes: order.map((slot) => slotBytes[slot]!),
  };
}
