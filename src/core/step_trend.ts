/** Does a series of steps slow down as it goes? One slow step is no trend, and must not look like one. */
import { median } from './median';

/** A card that is hot or short of power slows by more than this from the first step to the last. */
export const TREND_LIMIT = 0.1;

/** Fewer steps are no series: any one of them could turn the line. */
const FEWEST = 5;

/**
 * How much longer the last step takes than the first, both read off the line through all of them: 0.14 is 14 % slower,
 * negative is faster. Null for fewer than five steps, or times that are no positive numbers.
 *
 * The line is that of Theil (1950) and Sen (1968): its slope is the median of the slopes between all pairs of steps,
 * so that close to a third of them may be outliers.
 */
export function trendOf(seconds: readonly number[]): number | null {
  if (seconds.length < FEWEST || !seconds.every((each) => Number.isFinite(each) && each > 0)) return null;
  const slopes = seconds.flatMap((from, i) => seconds.slice(i + 1).map((to, ahead) => (to - from) / (ahead + 1)));
  const slope = median(slopes);
  const first = median(seconds.map((each, i) => each - slope * i));
  return first > 0 ? (slope * (seconds.length - 1)) / first : null;
}
