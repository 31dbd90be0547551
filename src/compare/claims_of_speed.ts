/** Claims about seconds and their ratios, and about why: what was computed, how busy the cards were, what they could do. */

import { type Claim, type ClaimNumbers, claim, type Verdict } from '../core/claim';
import { tokensOfClip } from '../core/clip';
import { extent } from '../core/extent';
import { median } from '../core/median';
import type { Run, RunStage } from '../core/run';
import { stepFlops } from '../core/wan_flops';
import { type Card, cardOf } from './card';
import { BLACKWELL, L40S, ratiosOf, runsOf, type SeedPair, secondsOf } from './seed_pairs';
import { workloadOf } from './workload';

/** The report gives three figures; runs of one card differ by more than the last of them. */
const NEAR = 0.1;
const isNear = (found: number, stated: number) => Math.abs(found / stated - 1) <= NEAR;

/** All runs bear it out, some do, or none. */
function verdictOf(values: readonly number[], holds: (value: number) => boolean): Verdict {
  if (values.every(holds)) return 'confirmed';
  return values.some(holds) ? 'partly' : 'not-supported';
}

export function speedClaims(pairs: readonly SeedPair[], runs: readonly Run[], cards: readonly Card[]): Claim[] {
  return [
    ...frames(pairs),
    ...named480p(pairs),
    ...ratio('step', pairs, { l40sSeconds: 12.6, blackwellSeconds: 6.87, ratio: 1.83 }),
    ...endToEnd(pairs),
    ...smActivity(pairs),
    ...againstPeaks(pairs, cards),
    ...ratio('init', pairs, { l40sSeconds: 86.5, blackwellSeconds: 42.3, ratio: 2.0 }),
    ...ratio('text', pairs, { l40sSeconds: 46.3, blackwellSeconds: 12.1, ratio: 3.8 }),
    ...textOnCpu(pairs, runs),
    ...ratio('decode', pairs, { l40sSeconds: 46.0, blackwellSeconds: 23.8, ratio: 1.9 }),
    ...longVideos(pairs),
  ];
}

/** Of the model, where nothing is said. */
const DEFAULT_FRAMES = 121;

function frames([pair]: readonly SeedPair[]): Claim[] {
  const work = workloadOf(pair!.l40s.run.key);
  if (!work) return [];
  const asDefault = stepFlops({ ...work, frames: DEFAULT_FRAMES }, work);
  return claim(
    'frames',
    {
      stated: { frames: DEFAULT_FRAMES },
      found: { frames: work.frames, tokens: tokensOfClip(work), work: stepFlops(work, work) / asDefault },
    },
    work.frames === DEFAULT_FRAMES ? 'confirmed' : 'not-supported',
  );
}

function named480p(pairs: readonly SeedPair[]): Claim[] {
  const named = pairs
    .flatMap(({ l40s, blackwell }) => [l40s.run, blackwell.run])
    .filter(({ name, key }) => name.includes('480p') && key.width !== null && key.height !== null);
  const [first] = named;
  if (!first) return [];
  const { width, height } = first.key as { width: number; height: number };
  const heights = named.map(({ key }) => key.height!);
  return claim(
    'named-480p',
    { stated: { height: 480 }, found: { width, height, runs: named.length } },
    verdictOf(heights, (each) => each === 480),
  );
}

const STAGE = { step: 'step', init: 'init', text: 'encode', decode: 'decode' } as const satisfies Record<
  string,
  RunStage
>;

function ratio<Id extends keyof typeof STAGE>(
  id: Id,
  pairs: readonly SeedPair[],
  stated: ClaimNumbers[Id]['stated'],
): Claim[] {
  const ratios = ratiosOf(pairs, STAGE[id]);
  if (ratios.length === 0) return [];
  const { min: low, max: high } = extent(ratios);
  const found = {
    l40sSeconds: median(secondsOf(pairs, 'l40s', STAGE[id])),
    blackwellSeconds: median(secondsOf(pairs, 'blackwell', STAGE[id])),
    low,
    high,
    pairs: ratios.length,
  };
  return claim(
    id,
    { stated, found } as ClaimNumbers[Id],
    verdictOf(ratios, (each) => isNear(each, stated.ratio)),
  );
}

function endToEnd(pairs: readonly SeedPair[]): Claim[] {
  const ratios = ratiosOf(pairs, 'wall');
  if (ratios.length === 0) return [];
  const stated = { low: 1.8, high: 2.1 };
  // One figure after the point: what rounds to an end of the range is within it.
  const isWithin = (each: number) => each >= stated.low - 0.05 && each < stated.high + 0.05;
  const unlike = pairs.filter(({ l40s, blackwell }) => l40s.run.key.offload !== blackwell.run.key.offload).length;
  const { min: low, max: high } = extent(ratios);
  const found = { low, high, pairs: ratios.length, unlike };
  return claim('end-to-end', { stated, found }, verdictOf(ratios, isWithin));
}

function smActivity(pairs: readonly SeedPair[]): Claim[] {
  const stated = { l40s: 99.2, blackwell: 100 };
  const of = (side: keyof SeedPair) =>
    pairs.flatMap((pair) =>
      pair[side].stages.flatMap(({ name, smActivity }) =>
        /_Inference$/.test(name) && smActivity !== null ? smActivity : [],
      ),
    );
  const [l40s, blackwell] = [of('l40s'), of('blackwell')];
  if (l40s.length === 0 || blackwell.length === 0) return [];
  const found = { l40s: median(l40s), blackwell: median(blackwell) };
  return claim(
    'sm-activity',
    { stated, found },
    verdictOf([found.l40s - stated.l40s, found.blackwell - stated.blackwell], (away) => Math.abs(away) <= 1),
  );
}

/** Above this share of a peak, arithmetic is what a kernel waits for; large matrix products reach it. */
const BOUND = 0.7;

function againstPeaks(pairs: readonly SeedPair[], cards: readonly Card[]): Claim[] {
  const [first] = pairs;
  const [l40s, blackwell] = [first!.l40s, first!.blackwell].map(({ run }) => cardOf(run.device.name, cards));
  const [l40sPeak, blackwellPeak] = [l40s, blackwell].map(
    (card) => card && (card.bf16AtMostFlopsPerSecond ?? card.bf16FlopsPerSecond),
  );
  const work = workloadOf(first!.l40s.run.key);
  const ratios = ratiosOf(pairs, 'step');
  if (!l40s || !blackwell || !l40sPeak || !blackwellPeak || !work || ratios.length === 0) return [];

  const rate = (side: keyof SeedPair) => stepFlops(work, work) / median(secondsOf(pairs, side, 'step'));
  const [l40sMeasured, blackwellMeasured] = [l40s, blackwell].map(
    ({ measured }) => measured?.bf16FlopsPerSecond ?? null,
  );
  const share = (flops: number, roof: number | null | undefined) => (roof ? flops / roof : null);
  const found = {
    l40sOfPeak: rate('l40s') / l40sPeak,
    blackwellOfPeak: rate('blackwell') / blackwellPeak,
    blackwellAtLeast: blackwell.bf16AtMostFlopsPerSecond === null ? 0 : 1,
    l40sOfMeasured: share(rate('l40s'), l40sMeasured),
    blackwellOfMeasured: share(rate('blackwell'), blackwellMeasured),
  };
  const shares = [found.l40sOfMeasured ?? found.l40sOfPeak, found.blackwellOfMeasured ?? found.blackwellOfPeak];
  const over = (a: number | null | undefined, b: number | null | undefined) => (a && b ? a / b : null);
  const ran = median(ratios);
  const scaling = {
    ratio: ran,
    peak: blackwellPeak / l40sPeak,
    measured: over(blackwellMeasured, l40sMeasured),
    bandwidth: blackwell.bytesPerSecond / l40s.bytesPerSecond,
    watts: over(blackwell.watts, l40s.watts),
  };
  return [
    ...claim(
      'compute-bound',
      { stated: { share: 1 }, found },
      verdictOf(shares, (each) => each >= BOUND),
    ),
    ...claim(
      'scales-with-compute',
      { stated: { ratio: 1.83 }, found: scaling },
      verdictOf([scaling.peak, scaling.measured ?? scaling.peak], (each) => isNear(ran, each)),
    ),
  ];
}

function textOnCpu(pairs: readonly SeedPair[], runs: readonly Run[]): Claim[] {
  const all = pairs.flatMap(({ l40s, blackwell }) => [l40s.run, blackwell.run]);
  const onCpu = all.filter(({ key }) => key.textEncoderOn === 'cpu');
  if (onCpu.length === 0) return [];
  const resident = onCpu.filter(({ key }) => key.offload === 'resident');
  // A contended card does not slow this stage to another order of magnitude, and no other run has it on the GPU.
  const onGpu = runs.find(({ key, device }) => key.textEncoderOn === 'gpu' && BLACKWELL.test(device.name));
  const seconds = onCpu.flatMap(({ stages }) => stages.encode?.seconds ?? []);
  const found = {
    onCpu: onCpu.length,
    onCpuResident: resident.length,
    cpuSeconds: median(seconds),
    gpuSeconds: onGpu?.stages.encode?.seconds ?? null,
  };
  const verdict = onCpu.length < all.length || resident.length > 0 ? 'partly' : 'confirmed';
  return claim('text-on-cpu', { stated: { offloadedOnly: 1 }, found }, verdict);
}

function longVideos(pairs: readonly SeedPair[]): Claim[] {
  const most = (card: RegExp) =>
    Math.max(
      0,
      ...runsOf(
        pairs.flatMap(({ l40s, blackwell }) => [l40s.run, blackwell.run]),
        card,
      ).map(({ key }) => key.frames ?? 0),
    );
  const found = { l40sFrames: most(L40S), blackwellFrames: most(BLACKWELL) };
  const stated = { frames: 129 };
  if (found.blackwellFrames < stated.frames) return claim('long-videos', { stated, found }, 'unproven');
  // True of the large card, and no mark of it where the other ran as many.
  return claim('long-videos', { stated, found }, found.l40sFrames < stated.frames ? 'confirmed' : 'partly');
}
