import { describe, expect, test } from 'vitest';
import { deviation } from '../../src/core/deviation';
import { applyRecipe, MAX_TERMS, type Slot } from '../../src/sampling/recipe';
import { createFewStepSchedule, createSchedule, FEW_STEPS, type SolverKind } from '../../src/sampling/schedule';
import { createSolver } from '../../src/sampling/solver';
import { readGolden } from '../support/golden';
import { applyInFloat32, runSolver } from './run';

describe.for([
  ['scheduler-unipc-8', 'unipc', 8],
  ['scheduler-unipc-50', 'unipc', 50],
  ['scheduler-dpmpp-8', 'dpm++', 8],
] as const)('%s', ([file, kind, steps]) => {
  const golden = readGolden(file);
  const target = golden.values('in.target');
  const trajectory = golden.values('out.trajectory');
  const rtol = Number(golden.metadata.rtol);

  /** Largest relative error of any step. With guidance the two branches differ, and mix into the golden's output. */
  const worstError = (guidance: number, apply = applyRecipe) => {
    const samples = runSolver(
      createSolver(kind, createSchedule(kind, steps, 5), guidance),
      golden.values('in.noise'),
      ({ sample, conditional, unconditional }, timestep) =>
        sample!.forEach((x, i) => {
          const output = 0.5 * Math.sin(x) + 0.3 * (x - target[i]!) + (0.1 * timestep) / 1000;
          const difference = Math.cos(3 * i);
          conditional![i] = output - (guidance - 1) * difference;
          if (unconditional) unconditional[i] = output - guidance * difference;
        }),
      apply,
    );
    const errors = samples.map(
      (sample, i) => deviation(sample, trajectory.subarray(i * sample.length, (i + 1) * sample.length)).relL2,
    );
    return Math.max(...errors);
  };

  test('is followed at every step', () => expect(worstError(1)).toBeLessThan(rtol));
  test('is followed with guidance folded in', () => expect(worstError(5)).toBeLessThan(rtol));
  test('is followed in float32, as on a GPU', () => expect(worstError(5, applyInFloat32)).toBeLessThan(rtol));
});

const KINDS: SolverKind[] = ['unipc', 'dpm++', 'euler'];
// The shortest, those around published special cases (15 steps), the defaults, and schedules that begin at σ = 1.
const CASES = KINDS.flatMap((kind) => [
  ...[1, 2, 3, 4, 8, 14, 15, 40, 50, 200].map((n) => ({ kind, n, schedule: createSchedule(kind, n, 5) })),
  ...Object.entries(FEW_STEPS).map(([n, timesteps]) => ({ kind, n, schedule: createFewStepSchedule(timesteps) })),
]);

describe.for(CASES)('$kind, $n steps', ({ kind, schedule }) => {
  const x0 = [0.5, -1.25, 3];
  const noise = [-0.75, 2, 0.1];
  const mix = (sigma: number) => x0.map((value, i) => (1 - sigma) * value + sigma * noise[i]!);

  test('stays on the straight line, and ends at x0, if the network always predicts the same x0', () => {
    const samples = runSolver(
      createSolver(kind, schedule),
      mix(schedule.sigmas[0]!),
      ({ sample, conditional }, _, sigma) =>
        sample!.forEach((x, i) => {
          conditional![i] = (x - x0[i]!) / sigma;
        }),
    );
    samples.forEach((sample, i) => {
      expect(deviation(sample, mix(schedule.sigmas[i + 1]!)).relL2).toBeLessThan(1e-12);
    });
  });

  test.for([1, 5])('asks for nothing the GPU cannot do at guidance %d', (guidance) => {
    const { slots, steps } = createSolver(kind, schedule, guidance);
    const written = new Set<Slot>(slots.filter((slot) => !slot.startsWith('x0')));
    for (const { x0, next } of steps) {
      for (const { target, terms } of [x0, next]) {
        expect(terms.length).toBeLessThanOrEqual(MAX_TERMS);
        expect(new Set(terms.map(({ source }) => source)).size).toBe(terms.length);
        for (const { source, weight } of terms) {
          expect(source).not.toBe(target);
          expect(written).toContain(source);
          expect(weight).toSatisfy(Number.isFinite);
        }
        written.add(target);
      }
      expect(next.target).toBe('sample');
    }
    for (const slot of written) expect(slots).toContain(slot);
  });
});

/**
 * For normally distributed data of deviation s the flow is known: the marginal at σ is normal with variance
 * (1 − σ)²s² + σ², every path keeps its quantile, and the x0 predicted is its conditional mean. Measured half way,
 * because the last step, of first order in all solvers, hides what the others gain.
 */
test.for([
  ['euler', 1],
  ['dpm++', 2],
  ['unipc', 3], // order 2, and one more by the corrector
] as const)('%s converges with order %d on the flow of normal data', ([kind, order]) => {
  const s = 0.4;
  const variance = (sigma: number) => (1 - sigma) ** 2 * s ** 2 + sigma ** 2;
  const path = (sigma: number) => 1.5 * Math.sqrt(variance(sigma));
  const error = (steps: number) => {
    const schedule = createSchedule(kind, steps, 5);
    const samples = runSolver(
      createSolver(kind, schedule),
      [path(schedule.sigmas[0]!)],
      ({ sample, conditional }, _, sigma) => {
        const x0 = (((1 - sigma) * s ** 2) / variance(sigma)) * sample![0]!;
        conditional![0] = (sample![0]! - x0) / sigma;
      },
    );
    const halfWay = schedule.sigmas.findIndex((sigma) => sigma <= 0.5);
    return Math.abs(samples[halfWay - 1]![0]! - path(schedule.sigmas[halfWay]!));
  };
  expect(Math.log2(error(200) / error(400))).toBeCloseTo(order, 1);
});

test('keeps to the buffers it promises', () => {
  const count = (kind: SolverKind, guidance: number) =>
    createSolver(kind, createSchedule(kind, 50, 5), guidance).slots.length;
  expect(KINDS.map((kind) => [count(kind, 5), count(kind, 1)])).toEqual([
    [6, 5],
    [5, 4],
    [4, 3],
  ]);
});

test('refuses a guidance that is not a number', () => {
  expect(() => createSolver('euler', createSchedule('euler', 4, 5), Number.NaN)).toThrow(
    expect.objectContaining({ code: 'input-invalid' }),
  );
});
