import { expect, test } from 'vitest';
import { kernelShares } from '../../src/bench/kernel_shares';
import { presetOf } from '../../src/bench/presets';
import type { Rates } from '../../src/bench/rates';
import { stageWork, WORK_KINDS } from '../../src/bench/work';
import { bytes, flops } from '../../src/core/units';

test('time, arithmetic and bytes of a slice are scaled to the clip, and calls are the clip’s own dispatches', () => {
  const work = stageWork(presetOf('256x256x5'), { activation: 'f16' });
  const kernels = { linear: 'matmul', attention: 'attention', text: 'softmax', conv: 'conv' } as const;
  const cost = { flops: flops(1e9), bytes: bytes(1e6) };
  const rates = Object.fromEntries(
    WORK_KINDS.map((kind) => {
      const pass = { label: '', kernel: kernels[kind], dispatch: '', seconds: 0.001, cost };
      return [kind, { kind, cost, passes: [pass, { ...pass, kernel: null }] }];
    }),
  ) as unknown as Rates;
  const steps = 5;
  const shares = kernelShares(rates, work, steps);
  expect(shares.map(({ seconds }) => seconds)).toEqual(shares.map(({ seconds }) => seconds).sort((a, b) => b - a));
  const attention = shares.find(({ kernel }) => kernel === 'attention')!;
  // A block's is one of both branches to themselves, and one of each to its prompt; the encoder's layers have one a prompt.
  expect(attention.calls).toBe(steps * 30 * 3 + 24 * 2);
  expect(attention.flops).toBeCloseTo(steps * work.step.attention.flops, -6);
  expect(attention.seconds).toBeCloseTo((attention.flops / cost.flops) * 0.001, 6);
  expect(shares.find(({ kernel }) => kernel === 'conv')!.calls).toBe(work.calls.decode.get('conv'));
});
