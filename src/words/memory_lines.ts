/** A plan's GPU memory as lines: of each stage what it takes at its fullest, and what for. */
import { type MemoryParts, partsBytes, type StageMemory } from '../core/stage_memory';
import type { Words } from './en';
import { byteCount } from './format';

const STAGES = ['encode', 'image', 'denoise', 'decode'] as const satisfies readonly (keyof StageMemory)[];
const PARTS = ['weights', 'slots', 'activations'] as const satisfies readonly (keyof MemoryParts)[];

/** One for each stage that runs; parts of nothing are left out. */
export function memoryLines(memory: StageMemory, { memory: say, stages }: Pick<Words, 'memory' | 'stages'>): string[] {
  return STAGES.flatMap((stage) => {
    const parts = memory[stage];
    if (!parts) return [];
    const said = PARTS.filter((part) => parts[part] > 0).map((part) => say.parts[part](byteCount(parts[part])));
    return say.stage(stages[stage], byteCount(partsBytes(parts)), said.join(say.comma));
  });
}
