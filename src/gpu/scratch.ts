/**
 * Which scratch storages may share one GPU buffer.
 *
 * WebGPU forbids binding one buffer both read-only and writable in a dispatch,
 * so scratch memory is a set of whole buffers handed from one tensor to the
 * next when its last reader is done, not one arena with offsets.
 */
import type { Command, Program } from './program';
import type { Storage, Tensor } from './tensor';

export interface ScratchPlan {
  /** Slot of each scratch storage. */
  readonly slotOf: ReadonlyMap<Storage, number>;
  /** Largest first, so that the large slots of different programs meet in one buffer. */
  readonly slotBytes: readonly number[];
}

/** Commands, by number, from the first to touch a storage to the last. */
interface Life {
  readonly storage: Storage;
  readonly first: number;
  readonly last: number;
}

/** Two greedy orders, neither always better: as tensors come, and the largest first. The smaller plan is taken. */
export function planScratch(program: Program): ScratchPlan {
  const lives = livesOf(program);
  const plans = [place(lives), place([...lives].sort((a, b) => b.storage.bytes - a.storage.bytes))];
  return plans.reduce((best, plan) => (scratchBytes(plan) < scratchBytes(best) ? plan : best));
}

export function scratchBytes({ slotBytes }: ScratchPlan): number {
  return slotBytes.reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes of the slots that programs with these plans, running one after another, share: each as large as its largest. */
export function sharedSlots(plans: readonly ScratchPlan[]): number[] {
  const slots: number[] = [];
  for (const { slotBytes } of plans)
    slotBytes.forEach((bytes, slot) => (slots[slot] = Math.max(slots[slot] ?? 0, bytes)));
  return slots;
}

export const sharedScratchBytes = (programs: readonly Program[]): number =>
  sharedSlots(programs.map(planScratch)).reduce((sum, bytes) => sum + bytes, 0);

/** What these programs touch that outlives them, each once. */
export function externalsOf(programs: readonly Program[]): Set<Storage> {
  const tensors = programs.flatMap(({ commands }) => commands.flatMap(tensorsOf));
  return new Set(tensors.map(({ storage }) => storage).filter(({ scratch }) => !scratch));
}

/** Bytes of everything these programs touch: each external storage once, and the scratch of the one that needs most. */
export function programsBytes(programs: readonly Program[]): { total: number; largest: number } {
  const external = externalsOf(programs);
  const plans = programs.map(planScratch);
  const total = [...external].reduce((sum, { bytes }) => sum + bytes, 0) + Math.max(0, ...plans.map(scratchBytes));
  const buffers = [...[...external].map(({ bytes }) => bytes), ...plans.flatMap(({ slotBytes }) => slotBytes)];
  return { total, largest: Math.max(0, ...buffers) };
}

/** What a command reads or writes. */
export function tensorsOf(command: Command): readonly Tensor[] {
  return command.kind === 'dispatch' ? Object.values(command.bindings) : [command.source, command.target];
}

function livesOf(program: Program): Life[] {
  const lives = new Map<Storage, { storage: Storage; first: number; last: number }>();
  program.commands.forEach((command, at) => {
    for (const { storage } of tensorsOf(command)) {
      if (!storage.scratch) continue;
      const life = lives.get(storage);
      if (life) life.last = at;
      else lives.set(storage, { storage, first: at, last: at });
    }
  });
  return [...lives.values()];
}

/** Each storage into the free slot that fits best; where none is large enough, the largest free one grows. */
function place(lives: readonly Life[]): ScratchPlan {
  const slots: { bytes: number; readonly lives: Life[] }[] = [];
  for (const life of lives) {
    const { bytes } = life.storage;
    const free = slots
      .filter((slot) => slot.lives.every(({ first, last }) => last < life.first || first > life.last))
      .sort((a, b) => a.bytes - b.bytes);
    let slot = free.find((candidate) => candidate.bytes >= bytes) ?? free.at(-1);
    if (!slot) {
      slot = { bytes: 0, lives: [] };
      slots.push(slot);
    }
    slot.bytes = Math.max(slot.bytes, bytes);
    slot.lives.push(life);
  }
  slots.sort((a, b) => b.bytes - a.bytes);
  return {
    slotOf: new Map(slots.flatMap((slot, index) => slot.lives.map(({ storage }) => [storage, index] as const))),
    slotBytes: slots.map(({ bytes }) => bytes),
  };
}
