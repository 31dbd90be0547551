import { describe, expect, test } from 'vitest';
import { en } from '../../src/words/en';
import { byteCount, countDown, duration, durationRange, figures, percent, rate, times } from '../../src/words/format';
import { zh } from '../../src/words/zh';

/** Thin and no-break spaces, made visible. */
const plain = (text: string) => text.replace(/[\u202f\u00a0]/g, ' ');

describe('a duration', () => {
  test.for([
    [0.00042, '0.42 ms'],
    [0.61, '610 ms'],
    [0.9997, '1.00 s'],
    [6.851, '6.85 s'],
    [12.64, '12.6 s'],
    [59.96, '1 min'],
    [1030, '17 min 10 s'],
    [3599.7, '1 h'],
    [7980, '2 h 13 min'],
    [853_200, '9 d 21 h'],
    [Number.NaN, '–'],
  ] as const)('of %s seconds reads %s', ([seconds, text]) => {
    expect(plain(duration(seconds, en))).toBe(text);
  });

  test('has Chinese units in Chinese', () => {
    expect(plain(duration(7980, zh))).toBe('2 小时 13 分');
  });

  test('never breaks between a number and its unit', () => {
    expect(duration(7980, en)).not.toMatch(/ /);
  });
});

test('an estimate is a range, rounded outwards', () => {
  expect(plain(durationRange(17, en))).toBe('15–20 s');
  expect(plain(durationRange(1.2, en))).toBe('1–2 s');
  expect(plain(durationRange(52, en))).toBe('45 s – 1 min');
  expect(plain(durationRange(100, en))).toBe('1 min 30 s – 2 min');
});

test('a count-down is coarse when far away and whole seconds when near', () => {
  expect(['1234', '83', '12.3', '0.2'].map((seconds) => plain(countDown(Number(seconds), en)))).toEqual([
    '21 min',
    '1 min 25 s',
    '13 s',
    '1 s',
  ]);
});

test('numbers keep three figures', () => {
  expect([0, 0.042123, 4.2, 42.123, 421.4, 36080, 3.2e-6].map(figures)).toEqual([
    '0',
    '0.0421',
    '4.2',
    '42.1',
    '421',
    '36,080',
    '3.2e−6',
  ]);
});

test('bytes are binary, rates decimal', () => {
  expect(plain(byteCount(33_575_910_277))).toBe('31.3 GiB');
  expect(plain(byteCount(0))).toBe('0 B');
  expect(plain(rate(22.4e12, 'FLOP/s'))).toBe('22.4 TFLOP/s');
  expect(plain(rate(432e9, 'B/s'))).toBe('432 GB/s');
});

test('a speed-up is said with the figures that it deserves', () => {
  expect([1.834, 8.66, 41.3, 67_542].map((ratio) => times(ratio, en))).toEqual(['1.83×', '8.7×', '41×', '67,500×']);
  expect(plain(times(41.3, zh))).toBe('41 倍');
});

test('a share that is not nothing is not shown as 0 %', () => {
  expect([0, 0.004, 0.59].map(percent)).toEqual(['0', '<1', '59']);
});
