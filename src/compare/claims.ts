/**
 * The report this project started from, checked: what it states, what its own
 * raw runs say, and whether the one follows from the other. No verdict is
 * written down here; each is computed from the runs that are given, and a claim
 * about runs that are not among them is left out.
 */

import type { Claim } from '../core/claim';
import type { Run } from '../core/run';
import type { Card } from './card';
import { memoryClaims } from './claims_of_memory';
import { speedClaims } from './claims_of_speed';
import { seedPairs } from './seed_pairs';

/** In the report's order. Without cards, claims about their peaks are left out. */
export function checkClaims(runs: readonly Run[], cards: readonly Card[] = []): Claim[] {
  const pairs = seedPairs(runs);
  if (pairs.length === 0) return [];
  return [...speedClaims(pairs, runs, cards), ...memoryClaims(pairs, runs)];
}
