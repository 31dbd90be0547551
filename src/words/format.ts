/**
 * Numbers as people read them. Values keep three figures at most; the unit stands
 * after a narrow no-break space, so that it never wraps away from its number.
 */
import type { Words } from './en';
import type { NumberWords } from './units';

export const THIN = '\u202f';

export interface Amount {
  readonly value: string;
  readonly unit: string;
}

/** 0.0042 → 4.2 ms; 6.85 → 6.85 s; 12.6 → 12.6 s; 1030 → 17 min 10 s; 8000 → 2 h 13 min. */
export function durationParts(seconds: number, { units }: NumberWords): Amount[] {
  if (!Number.isFinite(seconds)) return [{ value: '–', unit: '' }];
  if (seconds < 0.9995) return [{ value: figures(seconds * 1000), unit: units.ms }];
  if (seconds < 59.95) return [{ value: seconds.toFixed(seconds < 9.995 ? 2 : 1), unit: units.s }];
  if (Math.round(seconds) < 3600) return split(Math.round(seconds), 60, units.min, units.s);
  if (seconds < 48 * 3600) return split(Math.round(seconds / 60), 60, units.h, units.min);
  return split(Math.round(seconds / 3600), 24, units.d, units.h);
}

export function duration(seconds: number, words: NumberWords): string {
  return durationParts(seconds, words)
    .map(({ value, unit }) => (unit ? `${value}${THIN}${unit}` : value))
    .join('\u00a0');
}

/** To be compared with others of its kind, so in one unit for longer: 0.42 ms; 86.6 s; 331 s; 12 min 4 s. */
export function comparableDuration(seconds: number, words: NumberWords): string {
  const value = Math.abs(seconds);
  if (value === 0) return `0${THIN}${words.units.s}`;
  if (value < 0.01 || value >= 599.5 || Number.isNaN(value)) return duration(seconds, words);
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return `${seconds < 0 ? '−' : ''}${value.toFixed(digits)}${THIN}${words.units.s}`;
}

/** 12.4–12.7 s; one of them where they read alike. */
export function comparableRange(low: number, high: number, words: NumberWords): string {
  const [from, to] = [comparableDuration(low, words), comparableDuration(high, words)];
  if (from === to) return to;
  const [value, unit] = from.split(THIN);
  return to.endsWith(`${THIN}${unit}`) && !/\s/.test(value ?? '') ? `${value}–${to}` : `${from}–${to}`;
}

/** Around an estimate, rounded outwards: 21 → '20–25 s'. */
export function durationRange(seconds: number, words: NumberWords): string {
  const grain = seconds < 10 ? 1 : seconds < 60 ? 5 : seconds < 600 ? 30 : 300;
  const low = Math.max(Math.floor((seconds * 0.9) / grain) * grain, grain < 2 ? 1 : 0);
  const high = Math.max(Math.ceil((seconds * 1.15) / grain) * grain, low + grain);
  if (high < 60) return `${low}–${high}${THIN}${words.units.s}`;
  return `${rounded(low, words)} – ${rounded(high, words)}`;
}

/** An estimate: as a range where that is short to say. */
export const aboutDuration = (seconds: number, words: NumberWords): string =>
  seconds > 3600 ? duration(seconds, words) : durationRange(seconds, words);

/** For a count-down: coarse when far away, so that it does not flicker. */
export function countDown(seconds: number, words: NumberWords): string {
  const grain = seconds > 600 ? 60 : seconds > 90 ? 10 : seconds > 20 ? 5 : 1;
  return rounded(Math.max(Math.ceil(seconds / grain) * grain, 1), words);
}

/** Of whole seconds: 45 s, where `duration` says 45.0 s. */
export const rounded = (seconds: number, words: NumberWords): string =>
  seconds < 60 ? `${seconds}${THIN}${words.units.s}` : duration(seconds, words);

function split(amount: number, base: number, large: string, small: string): Amount[] {
  const rest = amount % base;
  const parts = [{ value: String(Math.floor(amount / base)), unit: large }];
  return rest === 0 ? parts : [...parts, { value: String(rest), unit: small }];
}

const trim = (text: string) => text.replace(/\.0$/, '');

/** Three figures: 0.0421, 4.21, 42.1, 421, 4,210. */
export function figures(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude >= 2) return grouped(value);
  if (magnitude < -3) return value.toExponential(1).replace('-', '−');
  return trim(
    value
      .toFixed(Math.max(0, 2 - magnitude))
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, ''),
  );
}

/** Both languages group by thousands with a comma. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** 4,999,787,712 → 5 billion, or 50亿: by the words people count in. */
export function largeCount(value: number, { weights: { large } }: Words): string {
  const unit = large.find(({ of }) => value >= of);
  return unit ? `${Number((value / unit.of).toPrecision(3))}${unit.word}` : grouped(value);
}

export function byteCount(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${figures(bytes / 2 ** (10 * power))}${THIN}${units[power]}`;
}

/** 20e12, 'FLOP/s' → 20 TFLOP/s. Decimal prefixes, as data sheets print them. */
export function rate(perSecond: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P'];
  const power = perSecond < 1 ? 0 : Math.min(Math.floor(Math.log10(perSecond) / 3), prefixes.length - 1);
  return `${figures(perSecond / 10 ** (3 * power))}${THIN}${prefixes[power]}${unit}`;
}

export function percent(share: number): string {
  const value = share * 100;
  return value > 0 && value < 1 ? '<1' : String(Math.round(value));
}

const precisely = (share: number) => `${figures(Number((Math.abs(share) * 100).toPrecision(2)))}${THIN}%`;

/** 0.0213 → +2.1 %; −0.3 %; nothing at all is 0 %. */
export function signedPercent(share: number): string {
  return `${share > 0 ? '+' : share < 0 ? '−' : ''}${precisely(share)}`;
}

/** 0.0213 → ±2.1 %. */
export function plusMinus(share: number): string {
  return `±${precisely(share)}`;
}

/** A speed-up of at least 1: 1.83×, 9.2×, 41×, 67,500×. */
export function times(ratio: number, words: NumberWords): string {
  const value =
    ratio < 2
      ? ratio.toFixed(2)
      : ratio < 10
        ? ratio.toFixed(1)
        : grouped(Number(ratio.toPrecision(ratio < 100 ? 2 : 3)));
  return `${value}${words.units.times === '×' ? '' : THIN}${words.units.times}`;
}

export function size({ width, height }: { width: number; height: number }): string {
  return `${width}×${height}`;
}

export function day(iso: string, words: { readonly language: { readonly code: string } }): string {
  return new Date(iso).toLocaleDateString(words.language.code === 'zh' ? 'zh-CN' : 'en-GB', {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
  });
}
