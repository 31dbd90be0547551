import { expect, test } from 'vitest';
import type { RunEvent, Stage } from '../../src/core/events';
import { type PlannedStage, runEvents } from '../../src/core/run_events';

const PLAN: readonly PlannedStage[] = [
  { stage: 'encode', seconds: 2 },
  { stage: 'denoise', seconds: 10 },
  { stage: 'decode', seconds: 8 },
];

/** Runs the plan `slower` times as slow as planned, and tells what was emitted, with the true time left at each event. */
function played(plan: readonly PlannedStage[], slower: (stage: Stage) => number) {
  const events: { event: RunEvent; trueLeft: number }[] = [];
  let clock = 1000;
  let left = plan.reduce((sum, { stage, seconds }) => sum + seconds * slower(stage), 0);
  const run = runEvents(
    (event) => events.push({ event, trueLeft: left }),
    'a clip',
    plan,
    () => clock,
  );
  for (const { stage, seconds } of plan) {
    run.begin(stage);
    for (let done = 1; done <= 10; done++) {
      const took = (seconds * slower(stage)) / 10;
      clock += took * 1000;
      left -= took;
      run.progress(done, 10, 'detail');
    }
  }
  run.end();
  return events;
}

test('stages have the shares of their plan, in order, and each ends before the next', () => {
  const events = played(PLAN, () => 1).map(({ event }) => event);
  expect(events[0]).toMatchObject({
    type: 'run-begin',
    estimateSeconds: 20,
    stages: [
      { stage: 'encode', share: 0.1 },
      { stage: 'denoise', share: 0.5 },
      { stage: 'decode', share: 0.4 },
    ],
  });
  const order = events.flatMap((event) =>
    event.type === 'stage-begin' || event.type === 'stage-end' ? `${event.stage} ${event.type}` : [],
  );
  expect(order).toEqual(PLAN.flatMap(({ stage }) => [`${stage} stage-begin`, `${stage} stage-end`]));
  expect(events.at(-1)).toMatchObject({ type: 'run-end', seconds: expect.closeTo(20) });
});

test.for([0.01, 1, 40])('a machine %d times as slow as planned is told so from a fiftieth of the way on', (slower) => {
  for (const { event, trueLeft } of played(PLAN, () => slower)) {
    const isSeen = trueLeft < 0.98 * 20 * slower; // before, the plan is all there is
    if (event.type !== 'progress' || !isSeen) continue;
    expect(event.secondsLeft).toBeGreaterThanOrEqual(0);
    expect(Math.abs(event.secondsLeft - trueLeft)).toBeLessThan(1e-6 + 0.01 * slower * 20);
  }
});

test('within a stage the time left is right as soon as units were seen, whatever the others did', () => {
  const events = played(PLAN, (stage) => ({ encode: 0.2, denoise: 5, decode: 30 })[stage as 'encode'] ?? 1);
  const decoding = events.filter(({ event }) => event.type === 'progress' && event.stage === 'decode');
  expect(decoding).toHaveLength(10);
  for (const { event, trueLeft } of decoding)
    expect((event as { secondsLeft: number }).secondsLeft).toBeCloseTo(trueLeft);
});

test('parts of a unit count as done, and not as what a unit takes', () => {
  const lefts: number[] = [];
  let clock = 0;
  const emit = (event: RunEvent) => event.type === 'progress' && lefts.push(event.secondsLeft);
  const run = runEvents(emit, 'a clip', [{ stage: 'denoise', seconds: 8 }], () => clock);
  run.begin('denoise');
  // The first half of a step takes a tenth of it.
  for (const [done, seconds] of [
    [0.5, 1],
    [1, 10],
    [1.5, 11],
    [2, 20],
  ] as const) {
    clock = seconds * 1000;
    run.progress(done, 4, '');
  }
  expect(lefts).toEqual([7, 30, 25, 20]);
});

test('units of an earlier run say nothing of the speed of this one', () => {
  const left: number[] = [];
  let clock = 0;
  const plan = [{ stage: 'denoise' as const, seconds: 10 }];
  const run = runEvents(
    (event) => event.type === 'progress' && left.push(event.secondsLeft),
    'a clip',
    plan,
    () => clock,
  );
  run.begin('denoise', 15);
  run.progress(15, 20, ''); // 5 to do, planned at 2 s each
  clock += 3000;
  run.progress(16, 20, '');
  expect(left).toEqual([10, 12]);
});

test('a plan of no time has even shares, and no number that is none', () => {
  const events = played(
    PLAN.map(({ stage }) => ({ stage, seconds: 0 })),
    () => 1,
  );
  for (const { event } of events) for (const value of Object.values(event)) expect(value).not.toBeNaN();
  expect(events[0]!.event).toMatchObject({ stages: [{ share: 1 / 3 }, { share: 1 / 3 }, { share: 1 / 3 }] });
});
