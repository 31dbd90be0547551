/** Of what the distance between two runs consists: which stage makes most of it. */
import { type Comparison, rowAt } from './compare_runs';

export interface Gap {
  readonly stage: 'encode' | 'denoise' | 'decode';
  /** Of the distance between the totals; above 1 where another stage is faster the other way round. */
  readonly share: number;
}

/** Null where either total, or a part of it, is not known or of other work, and where there is no distance. */
export function gapOf(comparison: Comparison): Gap | null {
  const total = rowAt(comparison, 'total');
  if (total.ratio === null) return null;
  const apart = (stage: 'encode' | 'decode' | 'total') => {
    const { own, other } = rowAt(comparison, stage);
    return own && other ? own.seconds - other.seconds : Number.NaN;
  };
  const [whole, encode, decode] = [apart('total'), apart('encode'), apart('decode')];
  const gaps = [
    { stage: 'encode' as const, share: encode / whole },
    { stage: 'denoise' as const, share: (whole - encode - decode) / whole },
    { stage: 'decode' as const, share: decode / whole },
  ];
  if (!gaps.every(({ share }) => Number.isFinite(share))) return null;
  return gaps.reduce((most, gap) => (gap.share > most.share ? gap : most));
}
