/**
 * The trap: 161 frames are 1.55 times the work of 121, and one published run says
 * neither. Every pair of runs, with every number of frames, through every function
 * that gives a ratio.
 */
import { expect, test } from 'vitest';
import { headline } from '../../src/app/headline';
import { resultText } from '../../src/app/result_text';
import { compareRuns } from '../../src/compare/compare_runs';
import { runOfResult } from '../../src/compare/run_of';
import type { Run, RunKey } from '../../src/core/run';
import { decodeFlops, stepFlops } from '../../src/core/wan_flops';
import { en } from '../../src/words/en';
import { exampleResult } from './example_result';
import { referenceRuns } from './reference_runs';

const FRAMES = [null, 1, 17, 81, 121, 161, 361];

const atFrames = (run: Run, frames: number | null): Run => {
  const { width, height } = run.key;
  const tokens = frames && width && height ? ((frames + 3) / 4) * (width / 32) * (height / 32) : null;
  return { ...run, key: { ...run.key, frames, tokens }, projection: null };
};

const own = runOfResult(exampleResult());
const distinct = [
  own,
  ...['l40s-03', 'l40s-v2-01', 'blackwell-v2-03', 'published-17'].map(
    (id) => referenceRuns.find((run) => run.id === id)!,
  ),
];
const varied = distinct.flatMap((run) => FRAMES.map((frames) => atFrames(run, frames)));
const all = [...referenceRuns, own, ...varied];

const WORK = ['model', 'width', 'height', 'frames', 'tokens', 'guidance', 'batch'] as const;

/** What is wrong with a comparison; a list, for expecting 300,000 times takes seconds. */
function wrongIn(one: Run, other: Run): string[] {
  const { basis, keys, rows, factor } = compareRuns(one, other);
  const [from, to] = [keys.own, keys.other];
  const given = rows.filter(({ ratio }) => ratio !== null);
  const wrong: string[] = [];
  const hold = (what: string, isSo: boolean) =>
    isSo || wrong.push(`${one.id} ${from.frames}, ${other.id} ${to.frames}: ${what}`);
  hold('a ratio without a basis', basis !== 'none' || given.length === 0);
  if (basis === 'run' || basis === 'projection')
    hold('other work, not scaled', factor === null && WORK.every((field) => from[field] === to[field]));
  for (const { stage, own: figure, factor: scale } of given) {
    if (stage !== 'init') hold('a workload that is not known', from.frames !== null && to.frames !== null);
    if (basis !== 'scaled' || stage === 'init') continue;
    hold('scaled and not said so', figure!.kind === 'derived' && scale !== null);
    if (stage !== 'step' && stage !== 'decode') continue;
    const ran = (from === one.key ? one.stages : one.projection!.stages)[stage]!.seconds;
    hold(
      'scaled by something else',
      Math.abs(figure!.seconds / ran / (flopsOf(stage, to) / flopsOf(stage, from)) - 1) < 1e-9,
    );
  }
  return wrong;
}

function flopsOf(stage: 'step' | 'decode', { width, height, frames, guidance, batch }: RunKey): number {
  const clip = { width: width!, height: height!, frames: frames! };
  const options = { guidance: guidance!, batch: batch! };
  return stage === 'step' ? stepFlops(clip, options) : decodeFlops(clip, options);
}

const pairs = (runs: readonly Run[]) => runs.flatMap((one) => runs.map((other) => [one, other] as const));

test('seconds are never divided by seconds of other work', () => {
  expect(pairs(all).flatMap(([one, other]) => wrongIn(one, other))).toEqual([]);
  const ratios = pairs(all).flatMap(([one, other]) =>
    compareRuns(one, other).rows.filter(({ ratio }) => ratio !== null),
  );
  expect(ratios.length).toBeGreaterThan(5000);
});

test('the other way round, a ratio is the inverse, on whatever basis', () => {
  const wrong = pairs(varied).flatMap(([one, other]) => {
    const [there, back] = [compareRuns(one, other, 10), compareRuns(other, one, 10)];
    return there.rows.filter(({ stage, ratio }, i) => {
      if (stage === 'total' && there.basis === 'scaled') return false; // its parts have factors of their own
      const inverse = back.rows[i]!.ratio;
      return ratio === null ? inverse !== null : !(Math.abs(ratio * (inverse ?? 0) - 1) < 1e-9);
    });
  });
  expect(wrong).toEqual([]);
});

test('no sentence names the reference workload beside a figure of other work', () => {
  for (const run of varied) {
    const isReference = run.key.frames === 161;
    const comparisons = [compareRuns(own, run)];
    expect(headline(comparisons, en) !== '').toBe(
      isReference && run.stages.step !== null && run.key.width === 1280 && run.key.guidance === true,
    );
    const { basis, factor } = comparisons[0]!;
    const text = resultText(exampleResult(), comparisons, en);
    if (basis === 'none') expect(text).not.toMatch(/× faster/);
    if (basis === 'scaled') expect([text.includes('scaled by FLOPs'), factor !== null]).toEqual([true, true]);
  }
});
