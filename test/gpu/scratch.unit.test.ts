import { expect, test } from 'vitest';
import { NO_COST } from '../../src/core/cost';
import { type Program, record } from '../../src/gpu/program';
import { planScratch, scratchBytes } from '../../src/gpu/scratch';
import type { Tensor } from '../../src/gpu/tensor';

const step = (...tensors: Tensor[]) => ({
  label: 'step',
  shader: { name: 'none', code: '' },
  bindings: Object.fromEntries(tensors.map((tensor, i) => [i + 1, tensor])),
  params: new Uint32Array(4),
  groups: 1,
  cost: NO_COST,
});

/** A chain: each tensor is made from the one before it. */
function chain(...elements: number[]): Program {
  return record('chain', { activation: 'f32' }, (r) => {
    const tensors = elements.map((count, i) => r.tensor(`t${i}`, [count]));
    tensors.slice(1).forEach((tensor, i) => r.dispatch(step(tensors[i]!, tensor)));
  }).program;
}

test('tensors of one dispatch never share a buffer', () => {
  const program = chain(1, 4, 2, 8, 8, 1);
  const { slotOf } = planScratch(program);
  for (const command of program.commands)
    if (command.kind === 'dispatch') {
      const slots = Object.values(command.bindings).map(({ storage }) => slotOf.get(storage));
      expect(new Set(slots).size).toBe(slots.length);
    }
});

test('a chain needs its two largest neighbours, not the sum of all', () => {
  expect(scratchBytes(planScratch(chain(100, 100, 100, 100)))).toBe(800);
  // As they come, the second slot would grow behind a large first one; the largest first need less.
  expect(scratchBytes(planScratch(chain(50, 10, 100, 10, 50)))).toBe(4 * (100 + 10));
});

test('slots come largest first', () => {
  const { slotBytes } = planScratch(chain(1, 2, 3, 9));
  expect([...slotBytes].sort((a, b) => b - a)).toEqual(slotBytes);
});
