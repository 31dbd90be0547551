/** How fast a measure grows: the slope of a line through its samples by least squares, and how sure that is. */

export interface Sample {
  readonly atSeconds: number;
  readonly value: number;
}

export interface Growth {
  /** Per hour, as a share of the line's value at the first sample: 0.01 is 1 %. */
  readonly perHour: number;
  /** Standard error of the same. Infinity for two samples, of which a line says nothing. */
  readonly error: number;
}

/** Null for fewer than two moments, and for samples that are no numbers. Of what stays 0 the growth is 0. */
export function growthOf(samples: readonly Sample[]): Growth | null {
  const count = samples.length;
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, sample) => sum + of(sample), 0) / count;
  const [middle, level] = [mean(({ atSeconds }) => atSeconds), mean(({ value }) => value)];
  const spread = samples.reduce((sum, { atSeconds }) => sum + (atSeconds - middle) ** 2, 0);
  if (!(spread > 0) || !Number.isFinite(level)) return null;
  const slope = samples.reduce((sum, { atSeconds, value }) => sum + (atSeconds - middle) * (value - level), 0) / spread;
  const off = samples.reduce(
    (sum, { atSeconds, value }) => sum + (value - level - slope * (atSeconds - middle)) ** 2,
    0,
  );
  const slopeError = count > 2 ? Math.sqrt(off / (count - 2) / spread) : Number.POSITIVE_INFINITY;
  const first = level + slope * (samples[0]!.atSeconds - middle);
  const share = (perSecond: number) => (perSecond === 0 ? 0 : (3600 * perSecond) / Math.abs(first));
  return { perHour: share(slope), error: share(slopeError) };
}

/** Grows by more than `most` an hour, beyond what the samples' own straying explains: two standard errors. NaN does. */
export const growsBy = ({ perHour, error }: Growth, most: number): boolean => !(perHour - 2 * error <= most);
