/**
 * What the runs at hand say, without a word of any language: findings with
 * their numbers, section by section. Where a number is missing, so is the
 * finding.
 */
import type { Claim } from '../core/claim';
import { type Finding, found, type GainCode } from '../core/findings';
import type { Run } from '../core/run';
import type { Card } from './card';
import { contendedRuns, fromWithin, stepSpread } from './compute_findings';
import { type Case, type Group, groupRuns } from './group_runs';
import { memoryFindings, offloaded, offloadSeconds, resident } from './memory_findings';
import { leadingGroups, type Pair, pairGroups, stageRatio, wholeRatio } from './pair_groups';
import { recommendMemory } from './recommend_memory';
import { recommendWork } from './recommend_work';
import { hostRatios, systemFindings } from './system_findings';
import { ratioAndPeaks, utilisation } from './utilisation';

export interface Analysis {
  readonly runs: readonly Run[];
  readonly groups: readonly Group[];
  readonly pairs: readonly Pair[];
  readonly claims: readonly Claim[];
  readonly findings: Readonly<Record<Part, readonly Finding[]>>;
}

export type Part = 'summary' | 'compute' | 'memory' | 'system' | 'recommendations';

export function analyse(runs: readonly Run[], cards: readonly Card[], claims: readonly Claim[]): Analysis {
  const groups = groupRuns(runs);
  const lead = leadingGroups(groups);
  const pairs = pairGroups(lead);
  const used = utilisation(lead, cards);
  const system = [...pairs.flatMap(hostRatios), ...systemFindings(lead)];
  const recommendations = [...recommendMemory(lead), ...recommendWork(lead, runs, cards)];
  return {
    runs,
    groups,
    pairs,
    claims,
    findings: {
      summary: [
        ...stepFindings(pairs),
        ...pairs.flatMap(wholeRatio),
        ...of(used, 'not-saturated').flatMap(({ values: { low, high, about } }) =>
          found('saturation', { low, high, about }),
        ),
        ...worst(of(system, 'host-share'), ({ share }) => share),
        ...lead.flatMap(offloadCost),
        ...lead.flatMap(({ name }) => bestGain(name, recommendations)),
        ...claimsChecked(claims),
      ],
      compute: [
        ...worst(of(lead.flatMap(stepSpread), 'spread'), ({ apart }) => apart),
        ...contendedRuns(runs),
        ...used,
        ...pairs.flatMap((pair) => decodeAndPeaks(pair, cards)),
        ...lead.flatMap(fromWithin),
      ],
      memory: memoryFindings(lead),
      system,
      recommendations,
    },
  };
}

function stepFindings(pairs: readonly Pair[]): Finding[] {
  const ratios = pairs.map((pair) => ({ pair, ratio: stageRatio(pair, 'step') }));
  const without = ratios.filter(({ ratio }) => ratio === null).map(({ pair }) => pair.other.name);
  return [
    ...ratios.flatMap(({ ratio }) => (ratio ? found('stage-ratio', ratio) : [])),
    ...(without.length > 0 ? found('no-footing', { base: pairs[0]!.base.name, others: without }) : []),
  ];
}

function decodeAndPeaks(pair: Pair, cards: readonly Card[]): Finding[] {
  const [step, decode] = [stageRatio(pair, 'step'), stageRatio(pair, 'decode')];
  return [...(decode ? found('stage-ratio', decode) : []), ...(step ? ratioAndPeaks(pair, step, cards) : [])];
}

/** Where both manners ran: what the memory that offloading frees costs. */
function offloadCost(group: Group): Finding[] {
  const peak = (cases: readonly Case[]) => Math.max(...cases.map(({ run }) => run.peakMemoryBytes ?? Number.NaN));
  const seconds = offloadSeconds(group);
  if (seconds === null) return [];
  return found('offload-cost', {
    device: group.name,
    seconds,
    offloaded: peak(offloaded(group)),
    resident: peak(resident(group)),
  });
}

/** Of all videos of a card; kept embeddings help only some. */
function bestGain(device: string, recommendations: readonly Finding[]): Finding[] {
  const gains = recommendations.flatMap(({ code, values }) => {
    if (!('savedSeconds' in values) || values.device !== device || code === 'keep-embeddings') return [];
    const { savedSeconds, wallSeconds } = values;
    const share = wallSeconds ? savedSeconds / wallSeconds : null;
    return [{ device, advice: code as GainCode, savedSeconds, wallSeconds, share }];
  });
  const best = gains.sort((a, b) => b.savedSeconds - a.savedSeconds)[0];
  return best && best.savedSeconds > 0 ? found('best-gain', best) : [];
}

function claimsChecked(claims: readonly Claim[]): Finding[] {
  const count = (verdict: Claim['verdict']) => claims.filter((claim) => claim.verdict === verdict).length;
  if (claims.length === 0) return [];
  return found('claims-checked', {
    confirmed: count('confirmed'),
    partly: count('partly'),
    notSupported: count('not-supported'),
    unproven: count('unproven'),
  });
}

type Of<Code> = Extract<Finding, { code: Code }>;

const of = <Code extends Finding['code']>(findings: readonly Finding[], code: Code) =>
  findings.filter((finding): finding is Of<Code> => finding.code === code);

/** The one with the largest weight. */
function worst<F extends Finding>(findings: readonly F[], weight: (values: F['values']) => number): F[] {
  return [...findings].sort((a, b) => weight(b.values) - weight(a.values)).slice(0, 1);
}
